internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

/// A step of a client's walk for printing: a sentence for people, fields for scripts.
struct StepRecord: Encodable, Equatable {
  struct Server: Encodable, Equatable {
    var id: InstanceID
    var address: Address
  }

  var step: String
  var text: String
  var entry: String?
  var server: Server?
  var servers: [InstanceID]?
  var session: String?
  var reason: String?
  var endsAt: Timestamp?
  /// When a notice came, where notices are printed apart from the steps.
  var at: Timestamp?
  /// Where a forward listens.
  var listening: String?

  init(
    _ step: String, _ text: String, entry: String? = nil, server: Server? = nil,
    servers: [InstanceID]? = nil, session: String? = nil, reason: String? = nil,
    endsAt: Timestamp? = nil, listening: String? = nil
  ) {
    self.step = step
    self.text = text
    self.entry = entry
    self.server = server
    self.servers = servers
    self.session = session
    self.reason = reason
    self.endsAt = endsAt
    self.listening = listening
  }
}

extension WalkStep {
  /// No field contains the session's secret.
  var record: StepRecord {
    switch self {
    case .asking(let entry, let number, let count):
      StepRecord("asking", "asking \(entry) (entry \(number) of \(count))", entry: "\(entry)")
    case .passedOver(let entry, let failure):
      StepRecord(
        "passedOver", "  \(failure); going on to the next entry", entry: "\(entry)",
        reason: "\(failure)")
    case .answered(let entry, let answer):
      StepRecord(
        "answered", "  \(answer.balancer) of cluster \(answer.cluster) lists \(answer.summary)",
        entry: "\(entry)", servers: answer.servers.map(\.id))
    case .trying(let server, let number, let count):
      StepRecord(
        "trying", "  trying \(server.id) at \(server.address) (server \(number) of \(count))",
        server: server.record)
    case .refused(let server, let failure):
      StepRecord(
        "refused", "    \(failure); going on to the next server", server: server.record,
        reason: "\(failure)")
    case .opened(let server, let opened):
      StepRecord(
        "opened", "session \(opened.session) is open at \(server.id)", server: server.record,
        session: opened.session)
    case .notice(let notice):
      StepRecord(
        "notice",
        "notice: \(notice.message)" + (notice.endsAt.map { " (the session ends at \($0))" } ?? ""),
        reason: notice.message, endsAt: notice.endsAt)
    }
  }
}

extension HandshakeServer {
  fileprivate var record: StepRecord.Server { StepRecord.Server(id: id, address: address) }
}

extension HandshakeAnswer {
  /// The first servers of the list, with their numbers.
  fileprivate var summary: String {
    let shown = servers.prefix(8).map { "\($0.id) \($0.load.connected)/\($0.load.maximum)" }
    let others = servers.count - shown.count
    let rest = more ? " and more" : others > 0 ? " and \(others) more" : ""
    return servers.isEmpty ? "no server" : shown.joined(separator: ", ") + rest
  }
}

extension WalkEnd {
  var record: StepRecord {
    switch self {
    case .closed: StepRecord("closed", "closed")
    case .ended(let reason):
      StepRecord("ended", "the session was ended: \(reason)", reason: reason)
    case .lost(let failure):
      StepRecord("lost", "the session was lost: \(failure)", reason: "\(failure)")
    case .refused(let problem):
      StepRecord("rejected", "  refused: \(problem.sentence)", reason: problem.detail)
    case .exhausted:
      StepRecord("exhausted", "no entry and no server is left to try")
    }
  }

  /// Nil where the client got what it wanted.
  var failure: ProgramFailure? {
    switch self {
    case .closed: nil
    case .ended(let reason): ProgramFailure(.refused, "the session was ended: \(reason)")
    case .lost(let failure):
      ProgramFailure(.unreachable, "the session was lost: \(failure)")
    case .refused(let problem):
      ProgramFailure(.refused, "refused: \(problem.sentence)")
    case .exhausted(answered: true):
      ProgramFailure(.refused, "no server took the session; every entry was asked")
    case .exhausted(answered: false):
      ProgramFailure(.unreachable, "no entry of the configuration answered")
    }
  }
}

/// What an operator orders of a cluster: the one value that aosctl and the dashboard make, the
/// client library sends and the balancer decides on.
///
/// A further command is a case here, with its words in this file; its request is in ClusterAPI
/// (`CommandRequest`), what happens to it in Balancing (`Decision`).
public enum OperatorCommand: Hashable, Sendable {
  /// Takes instances out of service: no new session opens.
  case drain([InstanceID], reason: String? = nil, terms: DrainTerms = .plain)
  /// Takes instances back into service.
  case enable([InstanceID], reason: String? = nil)
  /// Registers an instance; it arrives rejecting clients unless `accept` is set.
  ///
  /// - Parameter tls: It speaks TLS at its address, and nothing else.
  case add(InstanceID, at: Address, accept: Bool = false, tls: Bool = false)
  /// Takes instances out of the cluster, all or none of them.
  ///
  /// - Parameter force: Although they are not drained.
  case remove([InstanceID], force: Bool = false)
  /// Sets the most sessions of instances, 0 to 65,535; nil: each one's own maximum.
  case limit([InstanceID], to: Int?)
  /// Sets the license seats of a cluster without a license; nil: unlimited.
  case seats(Int?)
  /// Installs a signed license; nil takes the installed one away.
  case license(String?)
  /// Ends one session of an instance.
  case endSession(String, of: InstanceID)

  /// The instances it names.
  public var ids: [InstanceID] {
    switch self {
    case .drain(let ids, _, _), .enable(let ids, _), .remove(let ids, _), .limit(let ids, _): ids
    case .add(let id, _, _, _), .endSession(_, let id): [id]
    case .seats, .license: []
    }
  }

  /// How the log of actions calls it.
  public var kind: ActionRecord.Kind {
    switch self {
    case .drain: .drain
    case .enable: .enable
    case .add: .add
    case .remove: .remove
    case .limit: .limit
    case .seats: .seats
    case .license: .license
    case .endSession: .endSession
    }
  }

  // MARK: aosctl

  /// The words with which `aosctl` does the same, as a shell reads them.
  ///
  /// - Parameters:
  ///   - acknowledged: Warnings that are accepted.
  ///   - sent: When it was sent: a deadline is typed as a span. Nil: without the deadline.
  public func commandLine(
    acknowledging acknowledged: [OpenEnum<ImpactWarning>] = [], sent: Timestamp? = nil
  ) -> String {
    let names = ids.map(\.text)
    var words: [String] =
      switch self {
      case .drain(_, let reason, let terms):
        ["drain"] + names + Self.option("--reason", reason) + terms.options(at: sent)
      case .enable(_, let reason): ["enable"] + names + Self.option("--reason", reason)
      case .add(_, let address, let accept, let tls):
        ["add"] + names + ["\(address)"] + (accept ? ["--accept"] : []) + (tls ? ["--tls"] : [])
      case .remove(_, let force): ["remove"] + names + (force ? ["--force"] : [])
      case .limit(_, let maximum): ["limit"] + names + [maximum.map(String.init) ?? "none"]
      case .seats(let seats): ["license", "seats", seats.map(String.init) ?? "none"]
      case .license(nil): ["license", "remove"]
      case .license: ["license", "install", "-"]
      case .endSession(let session, _): ["end"] + names + [Self.quoted(session)]
      }
    for warning in acknowledged { words += ["--acknowledge", warning.rawValue] }
    return (["aosctl"] + words).joined(separator: " ")
  }

  fileprivate static func option(_ name: String, _ text: String?) -> [String] {
    text.map { [name, quoted($0)] } ?? []
  }

  /// As a shell reads it as one word.
  private static func quoted(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    if plain, !text.isEmpty { return text }
    return "'"
      + text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: #"'\''"#) + "'"
  }
}

extension DrainTerms {
  /// As `aosctl drain` takes them.
  fileprivate func options(at sent: Timestamp?) -> [String] {
    var words = OperatorCommand.option("--message", message)
    if let closeIdleAfterSeconds { words += ["--close-idle-after", "\(closeIdleAfterSeconds)s"] }
    if let deadline, let sent {
      words += ["--deadline", "\(max(1, deadline.milliseconds(since: sent) / 1_000))s"]
    }
    if untilRestart { words.append("--until-restart") }
    return words
  }
}

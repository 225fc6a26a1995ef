package import ClusterModel

extension Mutation {
  /// The instances it names.
  package var ids: [InstanceID] {
    switch self {
    case .drain(let ids, _, _, _), .enable(let ids, _, _), .remove(let ids, _, _),
      .limit(let ids, _, _):
      ids
    case .add(let id, _, _, _), .endSession(_, let id): [id]
    }
  }

  /// How the balancer's log calls it.
  package var kind: ActionRecord.Kind {
    switch self {
    case .drain: .drain
    case .enable: .enable
    case .add: .add
    case .remove: .remove
    case .limit: .limit
    case .endSession: .endSession
    }
  }

  /// What and whom, for a message: `drain AOS03`, `drain 3 instances`.
  package var summary: String {
    if case .endSession(let session, let id) = self {
      return "end the session of \(session.userText) at \(id)"
    }
    let whom = ids.count == 1 ? ids[0].text : Format.count(ids.count, "instance")
    if case .limit = self { return "maximum of \(whom)" }
    return "\(kind.rawValue) \(whom)"
  }

  /// The `aosctl` command that does the same.
  package var command: String { command(at: nil) }

  /// The same for a deadline, which is typed as a span.
  ///
  /// - Parameter sent: When it was sent; nil: without the deadline.
  package func command(at sent: Timestamp?) -> String {
    let names = ids.map(\.text).joined(separator: " ")
    var words: [String]
    var acknowledged: [OpenEnum<ImpactWarning>] = []
    switch self {
    case .drain(_, let reason, let terms, let warnings):
      words = [kind.rawValue, names]
      if let reason { words += ["--reason", Mutation.quoted(reason)] }
      words += terms.options(at: sent)
      acknowledged = warnings
    case .enable(_, let reason, let warnings):
      words = [kind.rawValue, names]
      if let reason { words += ["--reason", Mutation.quoted(reason)] }
      acknowledged = warnings
    case .add(_, let address, let accept, let tls):
      words = ["add", names, "\(address)"] + (accept ? ["--accept"] : [])
        + (tls ? ["--tls"] : [])
    case .remove(_, let force, let warnings):
      words = ["remove", names] + (force ? ["--force"] : [])
      acknowledged = warnings
    case .limit(_, let maximum, let warnings):
      words = ["limit", names, maximum.map(String.init) ?? "none"]
      acknowledged = warnings
    case .endSession(let session, _):
      words = ["end", names, Mutation.quoted(session.id)]
    }
    for warning in acknowledged { words += ["--acknowledge", warning.rawValue] }
    return (["aosctl"] + words).joined(separator: " ")
  }

  /// As a shell reads it as one word.
  fileprivate static func quoted(_ text: String) -> String {
    let plain = text.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    if plain, !text.isEmpty { return text }
    return "'" + text.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: #"'\''"#) + "'"
  }
}

extension DrainTerms {
  /// As `aosctl drain` takes them.
  fileprivate func options(at sent: Timestamp?) -> [String] {
    var words: [String] = []
    if let message { words += ["--message", Mutation.quoted(message)] }
    if let closeIdleAfterSeconds { words += ["--close-idle-after", "\(closeIdleAfterSeconds)s"] }
    if let deadline, let sent {
      words += ["--deadline", "\(max(1, deadline.milliseconds(since: sent) / 1_000))s"]
    }
    if untilRestart { words.append("--until-restart") }
    return words
  }
}

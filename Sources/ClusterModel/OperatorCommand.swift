/// An order of an operator to a cluster. aosctl and the dashboard make this value, the client
/// library sends it, and the balancer decides about it.
///
/// To add a command, add a case here and its words in this file, its request in ClusterAPI
/// (`CommandRequest`) and its decision in Balancing (`Decision`).
public enum OperatorCommand: Hashable, Sendable {
  /// Takes instances out of service: they take no new sessions.
  case drain([InstanceID], reason: String? = nil, terms: DrainTerms = .plain)
  /// Takes instances back into service.
  case enable([InstanceID], reason: String? = nil)
  /// Registers an instance. It rejects clients at first, unless `accept` is set.
  ///
  /// - Parameter tls: Whether it speaks only TLS at its address.
  case add(InstanceID, at: Address, accept: Bool = false, tls: Bool = false)
  /// Removes instances from the cluster, either all of them or none.
  ///
  /// - Parameter force: Removes them even if they are not drained.
  case remove([InstanceID], force: Bool = false)
  /// Sets the maximum of sessions of instances, 0 to 65,535; nil: each one's own maximum.
  case limit([InstanceID], to: Int?)
  /// Sets the license seats of a cluster without a license; nil: unlimited.
  case seats(Int?)
  /// Installs a signed license; nil removes the installed one.
  case license(String?)
  /// Ends one session of an instance.
  case endSession(String, of: InstanceID)

  /// The instances that the command names.
  public var ids: [InstanceID] {
    switch self {
    case .drain(let ids, _, _), .enable(let ids, _), .remove(let ids, _), .limit(let ids, _): ids
    case .add(let id, _, _, _), .endSession(_, let id): [id]
    case .seats, .license: []
    }
  }

  /// The name of the command in the log of actions.
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

  /// The `aosctl` command that does the same, for a shell.
  ///
  /// - Parameters:
  ///   - acknowledged: Warnings that are accepted.
  ///   - sent: When the command was sent: a deadline is written as a span. Nil: without the
  ///     deadline.
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

  /// The text as one word of a shell.
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
  /// The options of `aosctl drain` with these terms.
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

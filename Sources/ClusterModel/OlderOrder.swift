/// What an instance obeys while the registry has a newer order for it.
public struct OlderOrder: Hashable, Codable, Sendable {
  /// Whether it takes new clients until then.
  public var admission: OpenEnum<Admission>
  /// The drain that goes on; nil while accepting.
  public var drain: Drain?

  public init(admission: Admission, drain: Drain?) {
    self.admission = .known(admission)
    self.drain = drain
  }

  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(admission, forKey: .admission)
    try values.encode(drain, forKey: .drain)
  }
}

extension InstanceStatus {
  /// An operator added it, and no balancer has heard of it yet. Only its own first word gives it
  /// a maximum, which the registry keeps: a server that was ever there has one, however long it
  /// has been away.
  public var isAwaited: Bool {
    guard !role.isLoadBalancer, health != .alive else { return false }
    return version == nil && startedAt == nil && record.limit == nil && load.maximum == 0
  }

  /// Of an order that is not delivered: what the instance may still do, and until when. Nil where
  /// it obeys.
  public var undelivered: String? {
    guard !delivered, !role.isLoadBalancer else { return nil }
    if isAwaited { return "it never connected; it gets the order when it does" }
    if health == .stopped { return "it is stopped and gets the order when it starts again" }
    return "until it confirms, it may still \(deedsOfOlderOrder)"
  }

  private var deedsOfOlderOrder: String {
    switch (record.admission, obeys) {
    case (.known(.accepting), .some(let order)) where order.admission == .rejecting:
      Self.listed(["reject clients"] + (order.drain?.terms.deeds ?? []))
    case (.known(.accepting), nil): "reject clients"
    case (.known(.rejecting), .some(let order)) where order.admission == .rejecting:
      Self.listed(["follow older terms of its drain"] + (order.drain?.terms.deeds ?? []))
    case (.known(.rejecting), _): "take clients"
    case (.known(.accepting), .some): "follow an older maximum or license"
    case (.unrecognized, _): "follow an older order"
    }
  }

  private static func listed(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}

extension DrainTerms {
  /// What they have an instance do to sessions.
  fileprivate var deeds: [String] {
    var words: [String] = []
    if let closeIdleAfterSeconds {
      words.append("end sessions that are idle for \(closeIdleAfterSeconds) s")
    }
    if let deadline { words.append("end all sessions at \(deadline)") }
    if untilRestart { words.append("stay drained until it restarts") }
    return words
  }
}

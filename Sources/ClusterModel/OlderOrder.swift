/// The order that an instance obeys while the registry has a newer one for it.
public struct OlderOrder: Hashable, Codable, Sendable {
  /// Whether it takes new clients until then.
  public var admission: OpenEnum<Admission>
  /// The drain that continues; nil while it accepts clients.
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
  /// Whether an operator added it and no balancer has heard of it yet. The registry keeps the
  /// maximum of its first message, so a server that was ever connected has a maximum, however long
  /// it has been away.
  public var isAwaited: Bool {
    guard !role.isLoadBalancer, health != .alive else { return false }
    return version == nil && startedAt == nil && record.limit == nil && load.maximum == 0
  }

  /// What the instance may still do, and until when, while an order is not delivered. Nil where the
  /// instance obeys.
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
  /// What the terms do to sessions.
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

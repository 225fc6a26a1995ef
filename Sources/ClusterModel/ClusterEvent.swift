/// One thing that happened in a cluster: a server was lost, a drain ended, a license expired.
///
/// The log of actions (`ActionRecord`) has what operators did; an event happened without them.
/// Every balancer sees it, and one writes it down. Instance, kind and `startedAt` identify an
/// event. When the same thing happens again, the new event replaces the old one and raises its
/// count.
public struct ClusterEvent: Hashable, Sendable {
  /// What happened. On the wire its raw value.
  public enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
    /// An instance or a balancer that was alive does not answer any more.
    case lost
    /// An instance stopped as planned: it said goodbye.
    case stopped
    /// An instance or balancer that was lost or stopped answers again.
    case back
    /// The process is a new one, and the old one was not away for long enough to count as lost.
    case restarted
    /// The last session of an instance that is being drained has ended.
    case drained
    /// The deadline of a drain ended some sessions, and others are still open.
    case sessionsEnded
    /// The application behind an instance does not answer: it takes no new sessions.
    case applicationDown
    case applicationUp
    /// The license will expire soon.
    case licenseExpiring
    /// The license has expired, and its grace period has begun.
    case licenseGrace
    /// The grace period is over: no new sessions.
    case licenseExpired
    /// A balancer cannot trust the license.
    case licenseInvalid
    /// The license is in force again.
    case licenseValid
    /// A balancer cannot read or write the registry: it refuses changes.
    case registryLost
    case registryBack
  }

  /// The number of the event. Each new event of a registry has a higher one. Nil until a registry
  /// has written the event down.
  public var id: Int64?
  /// When it happened, by the clock of the balancer that saw it.
  public var at: Timestamp
  /// The balancer that saw it first.
  public var balancer: InstanceID
  /// What happened.
  public var kind: OpenEnum<Kind>
  /// The instance. For events of the registry, the balancer that cannot use it. Nil where the event
  /// concerns the whole cluster.
  public var instance: InstanceID?
  /// When the process of the instance started, or when the drain began that has ended. Nil where
  /// neither is known.
  public var startedAt: Timestamp?
  /// For `lost`, `stopped` and `restarted`: the number of open sessions at that time. For `drained`
  /// and `sessionsEnded`: the number of sessions that the deadline of the drain has ended. Nil for
  /// other kinds.
  public var sessions: Int?
  /// Why it happened, where the reason is known.
  public var reason: String?
  /// How many times it happened since `firstAt`; 1 or more.
  public var times: Int
  /// When it happened for the first time.
  public var firstAt: Timestamp

  public init(
    id: Int64? = nil, at: Timestamp, balancer: InstanceID, kind: OpenEnum<Kind>,
    instance: InstanceID?, startedAt: Timestamp? = nil, sessions: Int? = nil,
    reason: String? = nil, times: Int = 1, firstAt: Timestamp? = nil
  ) {
    self.id = id
    self.at = at
    self.balancer = balancer
    self.kind = kind
    self.instance = instance
    self.startedAt = startedAt
    self.sessions = sessions
    self.reason = reason
    self.times = times
    self.firstAt = firstAt ?? at
  }

  /// What an event shares with its repetitions, and with no other event.
  public struct Name: Hashable, Sendable {
    /// As in the event.
    public var instance: InstanceID?
    /// As in the event.
    public var kind: OpenEnum<Kind>
    /// As in the event.
    public var startedAt: Timestamp?
  }

  /// The name by which two balancers know that they saw the same event.
  public var name: Name { Name(instance: instance, kind: kind, startedAt: startedAt) }

  /// Two balancers that see the same event do so within this time, even with different clocks;
  /// milliseconds.
  private static let otherBalancerMilliseconds: Int64 = 30_000

  /// The event to keep where an event of this name is known already: this one, with a higher count.
  ///
  /// - Returns: Nil where this is the known event, repeated or seen by another balancer.
  package func counted(on known: ClusterEvent) -> ClusterEvent? {
    let later = at.milliseconds(since: known.at)
    guard later > 0 else { return nil }
    if balancer != known.balancer, later <= Self.otherBalancerMilliseconds { return nil }
    var event = self
    // Bounded: an event from outside may have any count.
    event.times = min(max(1, known.times), Limits.count - max(1, times)) + max(1, times)
    event.firstAt = known.firstAt
    return event
  }

  /// A later event is newer. Of two at the same time, the one that was written down later is newer.
  package func isNewer(than other: ClusterEvent) -> Bool {
    at != other.at ? at > other.at : id ?? .max > other.id ?? .max
  }
}

extension ClusterEvent {
  /// What happened, in words that follow the name of the instance.
  public var words: String {
    let words = [plainWords, reason.map(PlainText.cleaned)].compactMap { $0 }
      .joined(separator: ": ")
    return times > 1 ? "\(words) (\(times) times)" : words
  }

  /// The instance and what happened to it, in one line.
  public var sentence: String { instance.map { "\($0) \(words)" } ?? words }

  private var plainWords: String {
    switch kind {
    case .known(.lost): "lost\(with)"
    case .known(.stopped): "stopped\(sessions == 0 ? "" : with)"
    case .known(.back): "back"
    case .known(.restarted): "restarted\(sessions == 0 ? "" : with)"
    case .known(.drained): sessions.map { "drained; its deadline ended \(count($0))" } ?? "drained"
    case .known(.sessionsEnded): "the deadline of its drain ended \(count(sessions ?? 0))"
    case .known(.applicationDown): "its application does not answer"
    case .known(.applicationUp): "its application answers again"
    case .known(.licenseExpiring): "the license expires soon"
    case .known(.licenseGrace): "the license has expired; its grace period has begun"
    case .known(.licenseExpired): "the license and its grace period have expired; no new sessions"
    case .known(.licenseInvalid): "the license is invalid"
    case .known(.licenseValid): "the license is valid"
    case .known(.registryLost): "cannot use the registry; changes are refused"
    case .known(.registryBack): "can use the registry again"
    case .unrecognized(let name): sessions.map { "\(name), \(count($0))" } ?? name
    }
  }

  private var with: String { sessions.map { " with \(count($0))" } ?? "" }

  private func count(_ sessions: Int) -> String {
    sessions == 1 ? "1 session" : "\(sessions) sessions"
  }
}

// MARK: - Wire

extension ClusterEvent: Codable {
  private enum Key: String, CodingKey {
    case id, at, balancer, kind, instance, startedAt, sessions, reason, times, firstAt
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    let at = try values.decode(Timestamp.self, forKey: .at)
    self.init(
      id: try values.decodeNumber(forKey: .id, in: 0...Int(Limits.revision)).map(Int64.init),
      at: at,
      balancer: try values.decode(InstanceID.self, forKey: .balancer),
      kind: try values.decode(OpenEnum<Kind>.self, forKey: .kind),
      instance: try values.decodeIfPresent(InstanceID.self, forKey: .instance),
      startedAt: try values.decodeIfPresent(Timestamp.self, forKey: .startedAt),
      sessions: try values.decodeCountIfPresent(forKey: .sessions),
      reason: try values.decodeCut(forKey: .reason, to: PlainText.longestSentence),
      times: try values.decodeNumber(forKey: .times, in: 1...Limits.count) ?? 1,
      firstAt: try values.decodeIfPresent(Timestamp.self, forKey: .firstAt) ?? at)
  }

  /// Every field is written; an absent one is null.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(id, forKey: .id)
    try values.encode(at, forKey: .at)
    try values.encode(balancer, forKey: .balancer)
    try values.encode(kind, forKey: .kind)
    try values.encode(instance, forKey: .instance)
    try values.encode(startedAt, forKey: .startedAt)
    try values.encode(sessions, forKey: .sessions)
    try values.encode(reason, forKey: .reason)
    try values.encode(times, forKey: .times)
    try values.encode(firstAt, forKey: .firstAt)
  }
}

/// One thing that happened in a cluster: a server was lost, a drain has ended, a license ran out.
///
/// What operators did is in the log of actions (`ActionRecord`); this is what came by itself.
/// Every balancer sees it, and one writes it down: instance, kind and `startedAt` name an event.
/// When the same happens again, the new event takes the place of the one before and counts on.
public struct ClusterEvent: Hashable, Sendable {
  /// What happened. On the wire its raw value.
  public enum Kind: String, Hashable, Codable, Sendable, CaseIterable {
    /// An instance or a balancer that was alive does not answer any more.
    case lost
    /// An instance stopped as planned: it said goodbye.
    case stopped
    /// One that was lost or stopped answers again.
    case back
    /// The process is a different one, and it was away for too short a time to be lost.
    case restarted
    /// The last session of an instance that is being drained has ended.
    case drained
    /// The deadline of a drain has ended sessions, and others are still open.
    case sessionsEnded
    /// The application behind an instance does not answer: it takes no new sessions.
    case applicationDown
    case applicationUp
    /// The license ends soon.
    case licenseExpiring
    /// The license has expired, and its grace period has begun.
    case licenseGrace
    /// The grace is over: no new sessions.
    case licenseExpired
    /// A balancer cannot trust the license.
    case licenseInvalid
    /// The license is in force again.
    case licenseValid
    /// A balancer cannot read or write the registry: it refuses changes.
    case registryLost
    case registryBack
  }

  /// Rises with every event of a registry. Nil until a registry has written it down.
  public var id: Int64?
  /// When it happened, by the clock of the balancer that saw it.
  public var at: Timestamp
  /// The balancer that saw it first.
  public var balancer: InstanceID
  /// What happened.
  public var kind: OpenEnum<Kind>
  /// Of the registry, the balancer that cannot use it. Nil where the whole cluster is meant.
  public var instance: InstanceID?
  /// When that began to which it happened: the process of the instance, or the drain that has
  /// ended. Nil where neither is known.
  public var startedAt: Timestamp?
  /// Of `lost`, `stopped` and `restarted`: the sessions that were open then. Of `drained` and
  /// `sessionsEnded`: those that the deadline of the drain has ended. Nil where no number belongs.
  public var sessions: Int?
  /// Why, where that is known.
  public var reason: String?
  /// How often it happened since `firstAt`; 1 or more.
  public var times: Int
  /// When it happened first.
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

  /// What an event has in common with those that it repeats, and no other event has.
  public struct Name: Hashable, Sendable {
    /// As in the event.
    public var instance: InstanceID?
    /// As in the event.
    public var kind: OpenEnum<Kind>
    /// As in the event.
    public var startedAt: Timestamp?
  }

  /// By which two balancers know that they mean the same.
  public var name: Name { Name(instance: instance, kind: kind, startedAt: startedAt) }

  /// Balancers that see the same do so within this time, their clocks included; milliseconds.
  private static let otherBalancerMilliseconds: Int64 = 30_000

  /// What is kept where an event of this name was known before: this one, counted on.
  ///
  /// - Returns: Nil where this is the one that is known: told again, or seen by another balancer.
  package func counted(on known: ClusterEvent) -> ClusterEvent? {
    let later = at.milliseconds(since: known.at)
    guard later > 0 else { return nil }
    if balancer != known.balancer, later <= Self.otherBalancerMilliseconds { return nil }
    var event = self
    // Bounded, since a hand may have written anything.
    event.times = min(max(1, known.times), Limits.count - max(1, times)) + max(1, times)
    event.firstAt = known.firstAt
    return event
  }

  /// Newer ones come first; of two at one time, the one that was written down later.
  package func isNewer(than other: ClusterEvent) -> Bool {
    at != other.at ? at > other.at : id ?? .max > other.id ?? .max
  }
}

extension ClusterEvent {
  /// What happened, as a person reads it behind the name of the instance.
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

  /// Every field is written, absent ones as null.
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

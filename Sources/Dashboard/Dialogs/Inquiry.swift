internal import ClusterModel

/// The questions to the balancer about a change, before it is carried out.
struct Inquiry: Equatable, Sendable {
  /// Requests without an answer.
  var pending: Set<RequestToken> = []
  var impacts: [Impact] = []
  var instances: [InstanceStatus] = []
  /// The balancer's own words, or why there are none.
  var refusal: String?
  /// When to ask again; nil: not because of time.
  var retryAt: Int64?
  /// The answers to the previous question.
  var previous: [Impact] = []
  /// Whether the same question was answered before: those numbers stay until the new ones come.
  var isRenewal = false
  /// What was asked, to notice relevant changes.
  var asked: [Order] = []
  /// The state of the cluster when it was asked.
  var premise = Premise()
  /// The number of the last snapshot that was compared with the premise.
  var comparedSequence: Int64?
  /// When it was asked, in monotonic milliseconds.
  var askedAt: Int64 = 0
  /// When to ask again because the cluster has changed; nil: it has not.
  var renewAt: Int64?

  /// The shortest time between two questions: after changes of states and the list, and of loads,
  /// which change all the time.
  static let renewalMilliseconds: Int64 = 500
  static let loadRenewalMilliseconds: Int64 = 2_000

  var isAnswered: Bool {
    guard refusal == nil else { return false }
    return pending.isEmpty ? !impacts.isEmpty : isRenewal && !previous.isEmpty
  }

  /// The effect that can be shown now.
  var shownImpacts: [Impact] { pending.isEmpty || previous.isEmpty ? impacts : previous }

  /// Each warning once.
  var warnings: [OpenEnum<ImpactWarning>] {
    let told = shownImpacts.flatMap(\.warnings)
    let known = ImpactWarning.allCases.map { OpenEnum.known($0) }.filter(told.contains)
    // Those of a later release come last, in the order in which they arrived.
    return told.filter { $0.known == nil }.reduce(into: known) { warnings, warning in
      if !warnings.contains(warning) { warnings.append(warning) }
    }
  }
}

/// The state on which the effect of any change depends.
struct Premise: Equatable, Sendable {
  /// The part of an instance that matters, except its load.
  struct State: Equatable, Sendable {
    var id: InstanceID
    var exclusion: OpenEnum<Exclusion>?
    var maximum: Int
  }

  var states: [State] = []
  /// The sessions and reserved places of each.
  var loads: [Int] = []

  init() {}

  init(_ snapshot: ClusterSnapshot) {
    states = snapshot.instances.map {
      State(id: $0.id, exclusion: $0.exclusion, maximum: $0.load.maximum)
    }
    loads = snapshot.instances.map { $0.load.connected + $0.load.reserved }
  }
}

internal import ClusterModel

/// What the balancer was asked about a change before it is carried out.
struct Inquiry: Equatable, Sendable {
  /// Requests without an answer.
  var pending: Set<RequestToken> = []
  var impacts: [Impact] = []
  var instances: [InstanceStatus] = []
  /// The balancer's own words, or why there are none.
  var refusal: String?
  /// When to ask again; nil: not by time.
  var retryAt: Int64?
  /// Answers to the question before this one.
  var previous: [Impact] = []
  /// The same was asked before and answered: those numbers hold until the new ones are there.
  var isRenewal = false
  /// What was asked, so that a change that matters is noticed.
  var asked: [Order] = []
  /// The cluster when it was asked.
  var premise = Premise()
  /// Number of the last picture that was held against the premise.
  var comparedSequence: Int64?
  /// Monotonic milliseconds.
  var askedAt: Int64 = 0
  /// When to ask again because the cluster is a different one; nil: it is the same.
  var renewAt: Int64?

  /// At most so often: for states and the list, and for loads, which change all the time.
  static let renewalMilliseconds: Int64 = 500
  static let loadRenewalMilliseconds: Int64 = 2_000

  var isAnswered: Bool {
    guard refusal == nil else { return false }
    return pending.isEmpty ? !impacts.isEmpty : isRenewal && !previous.isEmpty
  }

  /// What can be told of the effect now.
  var shownImpacts: [Impact] { pending.isEmpty || previous.isEmpty ? impacts : previous }

  /// Each warning once.
  var warnings: [OpenEnum<ImpactWarning>] {
    let told = shownImpacts.flatMap(\.warnings)
    let known = ImpactWarning.allCases.map { OpenEnum.known($0) }.filter(told.contains)
    // Those of a later release last, in the order in which they were told.
    return told.filter { $0.known == nil }.reduce(into: known) { warnings, warning in
      if !warnings.contains(warning) { warnings.append(warning) }
    }
  }
}

/// What the effect of any change depends on.
struct Premise: Equatable, Sendable {
  /// What of an instance decides, its load apart.
  struct State: Equatable, Sendable {
    var id: InstanceID
    var exclusion: OpenEnum<Exclusion>?
    var maximum: Int
  }

  var states: [State] = []
  /// Sessions and reserved places of each.
  var loads: [Int] = []

  init() {}

  init(_ snapshot: ClusterSnapshot) {
    states = snapshot.instances.map {
      State(id: $0.id, exclusion: $0.exclusion, maximum: $0.load.maximum)
    }
    loads = snapshot.instances.map { $0.load.connected + $0.load.reserved }
  }
}

/// What is done to the cluster in a run.
package enum FaultKind: String, CaseIterable, Sendable {
  case messageLost = "message lost"
  case messageLate = "message late"
  case messageRepeated = "message repeated"
  case connectionCut = "connection cut"
  case partition
  case balancerKilled = "balancer killed"
  case balancerStalled = "balancer stalled"
  case instanceKilled = "instance killed"
  case instanceKilledUnkept = "instance killed before its disk had the document"
  case instanceStopped = "instance stopped in order"
  case instanceStalled = "instance stalled"
  case instanceMoved = "instance moved to another address"
  case machineLost = "machine lost without a word"
  case applicationAway = "application away"
  case blackHole = "application a black hole"
  case clientLost = "client lost without a word"
  case registryAway = "registry away"
  case registryRestored = "registry restored from an older copy"
  case outcomeUnknown = "connection lost inside a commit"
  case clockJump = "wall clock set"
  case licenseEnded = "license came to its end"
  case falseOrder = "instance lied about the order that it obeys"
  case falseCount = "instance lied about its load"
  case helloFlood = "instance flooded its load feed"
  case falseJoin = "instance asked to join in another's name"
  case slowReader = "reader of the feed too slow"
}

/// How often each was done.
package struct FaultCounts: Equatable, Sendable {
  private var counts: [FaultKind: Int] = [:]

  package init() {}

  package subscript(kind: FaultKind) -> Int {
    get { counts[kind, default: 0] }
    set { counts[kind] = newValue }
  }

  package var total: Int { counts.values.reduce(0, +) }

  package static func += (left: inout FaultCounts, right: FaultCounts) {
    left.counts.merge(right.counts, uniquingKeysWith: +)
  }
}

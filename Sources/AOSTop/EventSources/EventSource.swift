internal import Dashboard

/// Where what the screen shows comes from: a balancer's feed, a recording, the demo. A further one
/// is one more file beside these, and its line in `Main`.
///
/// The loop of the screen has the main thread: nothing here waits, but for `finish`. Times are
/// monotonic milliseconds.
protocol EventSource: ~Copyable {
  /// Readable when there is something to take.
  var descriptors: [Int32] { get }
  /// When time alone brings something; nil: never.
  var nextDeadline: Int64? { get }
  /// Begins, and says what is to be shown first.
  mutating func start() -> [Event]
  /// What happened since the last time.
  ///
  /// - Throws: `Failure` where nothing more can come.
  mutating func nextEvents(at now: Int64) throws(Failure) -> [Event]
  /// Does what the dashboard asks of the cluster, or of what stands for it.
  mutating func carryOut(_ effect: Effect, at now: Int64) -> [Event]
  /// The screen is gone: reports the results of what was asked for.
  mutating func finish()
}

extension EventSource where Self: ~Copyable {
  var descriptors: [Int32] { [] }
  var nextDeadline: Int64? { nil }
  func finish() {}
}

internal import Dashboard

/// The source of what the screen shows: a balancer's feed, a recording, or the demo. To add another
/// one, add a file beside these, and a line in `Main`.
///
/// The main thread belongs to the loop of the screen, so nothing here waits, except `finish`. Times
/// are monotonic milliseconds.
protocol EventSource: ~Copyable {
  /// Readable when there are events.
  var descriptors: [Int32] { get }
  /// When the next event comes by time alone; nil: never.
  var nextDeadline: Int64? { get }
  /// Begins, and returns the first events.
  mutating func start() -> [Event]
  /// The events since the last call.
  ///
  /// - Throws: `Failure` where there can be no more events.
  mutating func nextEvents(at now: Int64) throws(Failure) -> [Event]
  /// Carries out what the dashboard asks of the cluster or the recording.
  mutating func carryOut(_ effect: Effect, at now: Int64) -> [Event]
  /// The screen has been left: reports the results of requests that are still open.
  mutating func finish()
}

extension EventSource where Self: ~Copyable {
  var descriptors: [Int32] { [] }
  var nextDeadline: Int64? { nil }
  func finish() {}
}

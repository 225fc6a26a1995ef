internal import ClusterClient
internal import Dashboard
internal import Recordings

/// A demo cluster: watched as soon as it serves, and ended with the screen.
struct DemoSource: EventSource, ~Copyable {
  private var process: DemoProcess
  private var feed: FeedSource

  init(recorder: Recorder?) throws(Failure) {
    let process = try DemoProcess.start()
    feed = try FeedSource(endpoints: [process.endpoint], recorder: recorder) { _ in "demo" }
    self.process = process
  }

  var descriptors: [Int32] { feed.descriptors + [process.descriptor] }

  mutating func start() -> [Event] { [] }

  mutating func nextEvents(at now: Int64) throws(Failure) -> [Event] {
    let wasStarting = process.state == .starting
    process.read()
    if process.state == .ended { throw process.failure }
    if wasStarting, process.state == .ready { _ = feed.start() }
    return feed.nextEvents(at: now)
  }

  mutating func carryOut(_ effect: Effect, at now: Int64) -> [Event] {
    feed.carryOut(effect, at: now)
  }

  mutating func finish() { feed.finish() }
}

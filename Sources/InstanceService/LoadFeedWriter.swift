internal import ClusterAPI
internal import ClusterModel
internal import Hosting
internal import ServiceSupport

/// Writes the load feed of one reader, as fast as the reader reads. While the reader has not read
/// the last report, no other is made, so that a slow reader costs no more than a fast one.
final class LoadFeedWriter: Sendable {
  let outbox = Outbox(limit: 1 << 18)
  let alarm = Alarm()
  private let core: InstanceCore
  /// The signed document that proves what the instance obeys.
  private let document: @Sendable () -> String?

  /// How long a reader that is behind is left alone.
  private static let patienceMilliseconds: Int64 = 50

  /// A feed ends after this time, soon after its token expires. Its balancer
  /// opens the next one at once with a new token.
  private let lifetimeMilliseconds: Int64

  init(
    core: InstanceCore, lifetimeMilliseconds: Int64 = .random(in: 3_600_000...4_200_000),
    document: @escaping @Sendable () -> String?
  ) {
    self.core = core
    self.lifetimeMilliseconds = lifetimeMilliseconds
    self.document = document
  }

  /// Writes until the task is cancelled or the reader leaves.
  func run() async {
    var (hello, cursor) = core.read { (LoadHello($0), LoadCursor(after: $0)) }
    hello.desired = document()
    var outcome = outbox.put(hello.event)
    let endsAt = SystemClock.monotonicMilliseconds + lifetimeMilliseconds
    var isFirst = true
    var hasSaidGoodbye = false
    while !Task.isCancelled, outcome != .closed {
      let now = SystemClock.moment
      guard now.monotonicMilliseconds < endsAt else { return outbox.finish() }
      guard isFirst || outbox.isIdle else {
        await Self.sleep(milliseconds: Self.patienceMilliseconds)
        continue
      }
      isFirst = false
      switch core.read({ $0.report(for: &cursor, now: now) }) {
      case .report(let connected, let withoutNotices, let tickets, let ends, let application):
        outcome = outbox.put(
          LoadReport(
            connected: connected, withoutNotices: withoutNotices > 0 ? withoutNotices : nil,
            tickets: tickets, deadlineEnds: ends, application: application
          ).event)
      case .obeys(let confirmation):
        outcome = outbox.put(
          DesiredAnswer(
            revision: confirmation.revision, digest: confirmation.digest, desired: document()
          ).event)
      case .due(let time):
        await Self.sleep(milliseconds: time - now.monotonicMilliseconds)
      case .quiet where core.read(\.isLeaving) && !hasSaidGoodbye:
        // The load is still reported, since balancers show how many sessions are left.
        hasSaidGoodbye = true
        outcome = outbox.put(Self.goodbye)
      case .quiet:
        await alarm.wait(milliseconds: endsAt - now.monotonicMilliseconds)
      }
    }
  }

  /// The last events of a planned stop, after every session has been ended.
  func sayGoodbye() {
    outbox.put(LoadReport(connected: 0).event)
    outbox.put(Self.goodbye)
    outbox.finish()
  }

  private static let goodbye = ServerSentEvent(name: LoadEventName.goodbye, data: "{}").bytes

  private static func sleep(milliseconds: Int64) async {
    try? await Task.sleep(for: .milliseconds(max(1, milliseconds)))
  }
}

extension LoadHello {
  fileprivate init(_ life: InstanceLife) {
    self.init(
      id: life.id, cluster: life.cluster, profile: life.profile, startedAt: life.startedAt,
      version: ProgramVersion.current,
      revision: life.confirmedRevision, endedDrain: life.drainEndedByRestart,
      digest: life.confirmedDigest)
  }
}

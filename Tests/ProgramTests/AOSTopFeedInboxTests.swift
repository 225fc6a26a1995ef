import ClusterModel
import Dashboard
import Testing

@testable import AOSTop

@Suite("What waits for the screen")
struct AOSTopFeedInboxTests {
  @Test("a few events wait one by one, in order")
  func inOrder() {
    var inbox = FeedInbox()
    inbox.add(.live(endpoint: "LB1"))
    inbox.add(.snapshot(snapshot()))
    inbox.add(.change(change(1)))
    #expect(
      inbox.takeAll() == [
        .live(endpoint: "LB1"), .snapshot(snapshot()), .change(change(1)),
      ])
    #expect(inbox.takeAll() == [])
  }

  @Test("however many come, their sum is the same and few wait")
  func folds() throws {
    var inbox = FeedInbox()
    inbox.add(.live(endpoint: "LB1"))
    inbox.add(.snapshot(snapshot()))
    _ = inbox.takeAll()
    var expected = snapshot()
    for number in 1...1_000 {
      inbox.add(.change(change(Int64(number))))
      expected.apply(change(Int64(number)))
    }
    let waiting = inbox.takeAll()
    #expect(waiting.count <= FeedInbox.longest)
    var shown = snapshot()
    for event in waiting {
      switch event {
      case .snapshot(let whole): shown = whole
      case .change(let change): shown.apply(change)
      default: break
      }
    }
    #expect(shown == expected)
  }

  @Test("answers are never folded away")
  func keepsAnswers() {
    var inbox = FeedInbox()
    inbox.add(.snapshot(snapshot()))
    inbox.add(.answer(RequestToken(1), .failed("no answer")))
    for number in 1...200 { inbox.add(.change(change(Int64(number)))) }
    #expect(inbox.takeAll().contains(.answer(RequestToken(1), .failed("no answer"))))
  }

  @Test("a lost connection stands after the last picture, an opened one before it")
  func connection() {
    var inbox = FeedInbox()
    inbox.add(.snapshot(snapshot()))
    for number in 1...63 { inbox.add(.change(change(Int64(number)))) }
    inbox.add(.lost(reason: "reset", retryAt: 5))
    #expect(inbox.takeAll().last == .lost(reason: "reset", retryAt: 5))
    inbox.add(.live(endpoint: "LB2"))
    for number in 1...64 { inbox.add(.change(change(Int64(number)))) }
    #expect(inbox.takeAll().first == .live(endpoint: "LB2"))
  }

  private func snapshot() -> ClusterSnapshot {
    ClusterSnapshot(
      cluster: "TEST", sequence: 0, at: Timestamp(milliseconds: 0),
      balancer: BalancerStatus(
        id: id("LB1"), version: "1", startedAt: Timestamp(milliseconds: 0),
        registry: BalancerStatus.Registry(kind: "sqlite", state: .available)),
      license: LicenseSummary(state: .none, seats: nil, seatsUsed: 0),
      handshakes: HandshakeCount(), instances: [], handshakeList: [], actions: [])
  }

  private func change(_ sequence: Int64) -> ClusterChange {
    var change = ClusterChange(sequence: sequence, at: Timestamp(milliseconds: sequence))
    change.handshakes = HandshakeCount(total: Int(sequence), perSecond: 0)
    return change
  }

  private func id(_ text: String) -> InstanceID {
    guard let id = try? InstanceID(text) else { preconditionFailure("not an id: \(text)") }
    return id
  }
}

import ClusterAPI
import Logging
import Synchronization
import Testing

@testable import ServiceSupport

@Suite("Connections at one door")
struct ConnectionCounterTests {
  /// The descriptors of a process, as a test wants them.
  private final class Process: Sendable {
    private let state = Mutex((lowestFree: 30, count: 30))

    func has(lowestFree: Int, count: Int) { state.withLock { $0 = (lowestFree, count) } }

    var descriptors: Descriptors {
      Descriptors(
        lowestFree: { self.state.withLock(\.lowestFree) }, count: { self.state.withLock(\.count) })
    }
  }

  private let process = Process()
  private let clients = DescriptorReserve(limit: 64, isForOperators: false)
  private let operators = DescriptorReserve(limit: 64, isForOperators: true)

  private func counter(_ reserve: DescriptorReserve, connections: Int = 0) -> ConnectionCounter {
    var limits = ServiceLimits()
    limits.connections = connections
    return ConnectionCounter(
      limits: limits, reserve: reserve,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
      descriptors: process.descriptors)
  }

  private func come(to counter: ConnectionCounter, from address: String? = "10.0.0.1") -> String {
    counter.connectionOpened()
    switch counter.enter(address) {
    case .enters: return "enters"
    case .refused(let problem): return problem.name.rawValue
    case .cut: return "cut"
    }
  }

  @Test("are refused with words, then without, then not accepted, before descriptors run out")
  func levels() {
    #expect(30 < clients.refusesFrom && clients.refusesFrom < clients.cutsFrom)
    #expect(clients.cutsFrom < clients.waitsFrom)
    #expect(clients.waitsFrom + DescriptorReserve.batch < 64)
    let counter = counter(clients)
    var verdicts: [String] = []
    while counter.isAcceptingNewConnections() {
      process.has(lowestFree: 31 + verdicts.count, count: 31 + verdicts.count)
      verdicts.append(come(to: counter))
    }
    #expect(verdicts.count == clients.waitsFrom - 30)
    let words = verdicts.filter { $0 == "overloaded" }
    let entered = verdicts.prefix { $0 == "enters" }
    #expect(entered.count == clients.refusesFrom - 30)
    #expect(words.count == clients.cutsFrom - clients.refusesFrom)
    #expect(verdicts.dropFirst(entered.count + words.count).allSatisfy { $0 == "cut" })
    process.has(lowestFree: clients.waitsFrom - 1, count: clients.waitsFrom - 1)
    counter.connectionClosed()
    #expect(counter.isAcceptingNewConnections())
  }

  @Test("count by their number where those that have gone have left holes")
  func holes() {
    let counter = counter(clients)
    #expect(counter.isAcceptingNewConnections())
    for used in 30..<clients.waitsFrom {
      process.has(lowestFree: 31, count: used + 1)
      _ = come(to: counter)
    }
    #expect(!counter.isAcceptingNewConnections())
  }

  @Test("are accepted while nobody is there whose end could be waited for")
  func nobody() {
    process.has(lowestFree: .max, count: 64)
    #expect(counter(clients).isAcceptingNewConnections())
  }

  @Test("on the Unix socket take what those over TCP leave")
  func unix() {
    #expect(operators.refusesFrom >= clients.waitsFrom + DescriptorReserve.batch)
    process.has(lowestFree: clients.waitsFrom - 1, count: clients.waitsFrom - 1)
    #expect(come(to: counter(clients)) == "cut")
    #expect(come(to: counter(operators), from: nil) == "enters")
  }

  @Test("are counted in all, where a number is set, and come in again when one has gone")
  func total() {
    let counter = counter(clients, connections: 2)
    #expect(["10.0.0.1", "10.0.0.2"].allSatisfy { come(to: counter, from: $0) == "enters" })
    #expect(come(to: counter, from: "10.0.0.3") == "overloaded")
    counter.connectionClosed()
    counter.leave("10.0.0.1")
    counter.connectionClosed()
    #expect(come(to: counter, from: "10.0.0.3") == "enters")
  }
}

import ClusterAPI
import ClusterModel
import Logging
import Synchronization
import Testing

@testable import ServiceSupport

@Suite("Connections at one door")
struct ConnectionCounterTests {
  /// The descriptors of a process, as a test wants them.
  private final class Process: Sendable {
    private let state = Mutex((lowestFree: 20, count: 20))

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
      ledger: DescriptorLedger(process.descriptors, reserve: clients))
  }

  private func come(to counter: ConnectionCounter, from host: UInt32? = 1) -> String {
    counter.connectionOpened()
    switch counter.enter(host.map(NetworkKey.init(v4:))) {
    case .enters: return "enters"
    case .refused(let problem): return problem.name.rawValue
    case .cut: return "cut"
    }
  }

  @Test("are refused with words, then without, then not accepted, before descriptors run out")
  func levels() {
    #expect(20 < clients.refusesFrom && clients.refusesFrom < clients.cutsFrom)
    #expect(clients.cutsFrom < clients.waitsFrom)
    #expect(clients.waitsFrom + DescriptorReserve.batch < 64)
    let counter = counter(clients)
    var verdicts: [String] = []
    while counter.isAcceptingNewConnections() {
      process.has(lowestFree: 21 + verdicts.count, count: 21 + verdicts.count)
      verdicts.append(come(to: counter))
    }
    #expect(verdicts.count == clients.waitsFrom - 20)
    let words = verdicts.filter { $0 == "overloaded" }
    let entered = verdicts.prefix { $0 == "enters" }
    #expect(entered.count == clients.refusesFrom - 20)
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
    for used in 20..<clients.waitsFrom {
      process.has(lowestFree: 21, count: used + 1)
      _ = come(to: counter)
    }
    #expect(!counter.isAcceptingNewConnections())
  }

  @Test("wait while there is no room, also for the first, and are looked for again, once")
  func nobody() {
    process.has(lowestFree: .max, count: 64)
    let counter = counter(clients)
    let looks = Atomic(0)
    counter.watch { looks.add(1, ordering: .relaxed) }
    for _ in 0..<3 { #expect(!counter.isAcceptingNewConnections()) }
    #expect(looks.load(ordering: .relaxed) == 1)
  }

  @Test("of all doors, and those that the process opens itself, are one count, and leave some free")
  func oneCount() {
    #expect(clients.waitsFrom + clients.own <= clients.opensUntil, "clients leave its own room")
    #expect(clients.opensUntil < operators.refusesFrom, "and those leave it to operators")
    #expect(operators.waitsFrom + DescriptorReserve.batch <= 60, "some are always free")
    let ledger = DescriptorLedger(process.descriptors, reserve: clients)
    let counter = ConnectionCounter(
      limits: ServiceLimits(), reserve: clients,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, ledger: ledger)
    var used = 20
    while ledger.outgoingBegins() {
      used += 1
      process.has(lowestFree: used, count: used)
    }
    #expect(used == 20 + clients.own)
    // However many there are of its own, clients come in, and however many clients, its own.
    while counter.isAcceptingNewConnections() {
      used += 1
      process.has(lowestFree: used, count: used)
      counter.connectionOpened()
    }
    #expect(used == clients.waitsFrom + clients.own)
    // What is over may be kept for later: it is not free before somebody has looked.
    ledger.outgoingEnded()
    #expect(ledger.used() == used)
  }

  @Test("that lead on to an application count as two descriptors")
  func tunnels() {
    let ledger = DescriptorLedger(process.descriptors, reserve: clients)
    process.has(lowestFree: 20, count: 20)
    #expect(ledger.used() == 20)
    ledger.opened()
    process.has(lowestFree: 21, count: 21)
    #expect(ledger.used() == 21)
    #expect(ledger.tunnelBegins())
    process.has(lowestFree: 22, count: 22)
    #expect(ledger.used() == 22)
    ledger.tunnelEnded()
    ledger.closed()
    process.has(lowestFree: 20, count: 20)
    #expect(ledger.used() == 20)
    // Where connections are refused, none leads on either.
    process.has(lowestFree: clients.refusesFrom, count: clients.refusesFrom)
    #expect(!ledger.tunnelBegins())
  }

  @Test("for questions leave half of the daemon's own room to deliveries and feeds")
  func givingWay() {
    let ledger = DescriptorLedger(process.descriptors, reserve: clients)
    process.has(lowestFree: clients.waitsFrom, count: clients.waitsFrom)
    var count = 0
    while ledger.outgoingBegins(givesWay: true) { count += 1 }
    #expect(count == clients.own - clients.own / 2)
    while ledger.outgoingBegins() { count += 1 }
    #expect(count == clients.own)
  }

  @Test("of its own a process with many descriptors has as many as leave a quarter to clients")
  func manyOwn() {
    let reserve = DescriptorReserve(limit: 1_024, isForOperators: false)
    let ledger = DescriptorLedger(process.descriptors, reserve: reserve)
    var used = 20
    while ledger.outgoingBegins() {
      used += 1
      process.has(lowestFree: used, count: used)
    }
    #expect(used == reserve.opensMoreUntil + reserve.own)
    #expect(reserve.refusesFrom + reserve.own - used == 256)
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
    #expect([UInt32(1), 2].allSatisfy { come(to: counter, from: $0) == "enters" })
    #expect(come(to: counter, from: 3) == "overloaded")
    counter.connectionClosed()
    counter.leave(NetworkKey(v4: 1))
    counter.connectionClosed()
    #expect(come(to: counter, from: 3) == "enters")
  }
}

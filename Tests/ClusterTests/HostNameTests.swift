import Foundation
import Synchronization
import Testing

@testable import ClusterClient

/// Names of hosts, as instances choose them, and name servers, as nobody chooses them.
@Suite("Names of hosts", .timeLimit(.minutes(1)))
struct HostNameTests {
  /// Name servers that hang for every name that begins with `h`, until the test is over.
  private final class NameServers: Sendable {
    private let gate = DispatchSemaphore(value: 0)
    private let asked = Mutex<[String]>([])

    var hanging: [String] { asked.withLock { $0 } }

    func numbers(of name: String) -> [String] {
      guard name.hasPrefix("h") else { return ["10.0.0.1"] }
      asked.withLock { $0.append(name) }
      gate.wait()
      gate.signal()
      return []
    }

    func letGo() { gate.signal() }
  }

  private func run(_ test: (HostLookup, NameServers) async throws -> Void) async rethrows {
    let servers = NameServers()
    defer { servers.letGo() }
    try await test(HostLookup { servers.numbers(of: $0) }, servers)
  }

  @Test("a name that nobody answers for delays only those who pay for it")
  func hanging() async {
    await run { lookup, servers in
      let names = (0..<64).map { "h\($0).evil" }
      for name in names { _ = await lookup.places(of: [name], within: 1) { _ in "eve" } }
      // A minute is far less than those would take, and far more than this one does.
      let places = await lookup.places(of: ["good"], within: 60_000) { _ in "ana" }
      #expect(places == ["good": ["good", "10.0.0.1"]])
      #expect(servers.hanging.count <= 4, "one payer has few threads")
    }
  }

  @Test("a name has one lookup at a time, however many wait for it")
  func once() async {
    await run { lookup, servers in
      for _ in 0..<8 { _ = await lookup.places(of: ["h"], within: 1) { _ in "ana" } }
      for payer in ["eve", "eva"] {
        _ = await lookup.places(of: ["h"], within: 1) { _ in payer }
      }
      #expect(servers.hanging.count <= 1)
    }
  }

  @Test("however many payers have names that hang, those that have answered before have threads")
  func share() {
    var queue = LookupQueue()
    for payer in 0..<64 {
      for name in 0..<4 {
        queue.add("h\(payer).\(name)", payer: "\(payer)", name % 2 == 0 ? .new : .silent)
      }
    }
    #expect(queue.begin().count == LookupQueue.mostUnproven)
    #expect(queue.begin() == [])
    for name in 0..<20 { queue.add("good\(name)", payer: "ana", .answered) }
    let begun = queue.begin()
    #expect(begun.count == LookupQueue.mostAnsweredOfPayer)
    queue.ended(begun[0])
    #expect(queue.begin().count == 1, "one ends, another begins")
  }

  @Test("a name that nobody waits for any more is not looked up")
  func forgotten() {
    var queue = LookupQueue()
    for name in 0..<6 { queue.add("h\(name)", payer: "eve", .new) }
    #expect(queue.begin() == ["h0", "h1", "h2", "h3"])
    for name in ["h0", "h4"] { queue.forget(name) }
    queue.ended("h0")
    #expect(queue.begin() == ["h5"])
  }

  @Test("a name that waits behind another's hanging names does not wait where its own payer asks")
  func otherPayer() async {
    await run { lookup, servers in
      let hanging = (0..<4).map { "h\($0)" }
      _ = await lookup.places(of: hanging, within: 1) { _ in "eve" }
      async let first = lookup.places(of: ["good"], within: 60_000) { _ in "eve" }
      let second = await lookup.places(of: ["good"], within: 60_000) { _ in "ana" }
      #expect(second == ["good": ["good", "10.0.0.1"]])
      #expect(await first == second)
    }
  }
}

import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("The memory of the last hour")
struct LookBackTests {
  /// A cluster in which every load is another one at each step.
  private static func lively(
    _ count: Int, step: Int, churning: Bool = false, of servers: [InstanceStatus]? = nil
  ) -> ClusterSnapshot {
    var snapshot = Fixture.snapshot
    snapshot.sequence = Int64(step)
    snapshot.at = Fixture.now.adding(milliseconds: Int64(step) * 1_000)
    var instances = servers ?? Self.servers(count)
    for number in 0..<count {
      instances[number].load.connected = (number * 31 + step * 17) % 601
      if churning { instances[number].healthSince = snapshot.at }
    }
    let turned = step % max(1, count)
    let list = (instances[turned...] + instances[..<turned]).map(\.id)
    return ClusterSnapshot(
      cluster: "PROD", sequence: snapshot.sequence, at: snapshot.at, balancer: snapshot.balancer,
      license: snapshot.license, handshakes: HandshakeCount(total: step, perSecond: 1),
      instances: instances, handshakeList: list, actions: snapshot.actions)
  }

  private static func servers(_ count: Int) -> [InstanceStatus] {
    let template = Fixture.server("AOS01", 0, of: 600)
    return (0..<count).map { number in
      var instance = template
      instance.id = Fixture.id("APPSERVER-\(1_000_000 + number)")
      return instance
    }
  }

  private static func filled(
    _ count: Int, steps: Int, churning: Bool = false
  ) -> (LookBack, most: Int) {
    var (lookBack, most) = (LookBack(), 0)
    let servers = servers(count)
    for step in 0..<steps {
      lookBack.keep(
        lively(count, step: step, churning: churning, of: servers),
        heardAt: Int64(step) * 1_000, until: Int64(step + 1) * 1_000)
      most = max(most, lookBack.bytes)
    }
    return (lookBack, most)
  }

  @Test("every moment comes back exactly as it was")
  func exact() throws {
    let (lookBack, _) = Self.filled(9, steps: 40)
    #expect(lookBack.moments.count == 40)
    for step in 0..<40 {
      #expect(lookBack.snapshot(at: step) == Self.lively(9, step: step))
    }
  }

  @Test("instances that come, go and change are there when they were")
  func comings() throws {
    var lookBack = LookBack()
    var pictures = [Fixture.snapshot]
    for (step, name) in ["AOS02", "AOS05", "AOS01", "LB1", "AOS10"].enumerated() {
      var next = try #require(pictures.last)
      next.at = next.at.adding(milliseconds: 1_000)
      switch step {
      case 0, 3: next.remove(Fixture.id(name))
      case 1: next.insert(Fixture.server("AOS00", 1, of: 2))
      case 2: next.insert(Fixture.server(name, 7, of: 9, admission: .rejecting))
      default: next.balancer.registry.state = .known(.unavailable)
      }
      let present = Set(next.instances.map(\.id))
      next.handshakeList.removeAll { !present.contains($0) }
      pictures.append(next)
    }
    for (step, picture) in pictures.enumerated() {
      lookBack.keep(picture, heardAt: Int64(step) * 1_000, until: Int64(step + 1) * 1_000)
    }
    let back = pictures.indices.map { lookBack.snapshot(at: $0) }
    #expect(back == pictures)
  }

  @Test("1,000 instances with 1,000 changes a second stay within 4 MiB, thinned, none lost early")
  func bound() throws {
    let (lookBack, most) = Self.filled(1_000, steps: 750)
    #expect(most <= LookBack.mostBytes)
    let times = lookBack.moments.map(\.heardAt)
    #expect(times.first == 0)
    #expect(times.last == 749_000)
    #expect(times.count > 400)
    let gaps = zip(times.dropFirst(), times).map(-)
    #expect(try #require(gaps.max()) <= LookBack.widestGapMilliseconds)
    #expect(gaps.suffix(20).allSatisfy { $0 <= 2_000 })
    #expect(gaps.prefix(20).reduce(0, +) > gaps.suffix(20).reduce(0, +))
  }

  @Test("what it says it takes is what its parts take")
  func honest() {
    let (lookBack, _) = Self.filled(50, steps: 30)
    let packed = lookBack.moments.reduce(0) { $0 + $1.bytes }
    let statuses = 50 * (MemoryLayout<InstanceStatus>.stride + 32)
    #expect(lookBack.bytes >= packed + statuses)
    #expect(lookBack.bytes < 2 * (packed + statuses) + 64 * 1_024)
  }

  @Test("a cluster in which everything changes all the time stays within 4 MiB as well")
  func churn() throws {
    let (lookBack, most) = Self.filled(1_000, steps: 60, churning: true)
    #expect(most <= LookBack.mostBytes)
    #expect(lookBack.moments.count >= 4)
    #expect(lookBack.moments.last?.heardAt == 59_000)
  }

  @Test("a cluster that is too large for it keeps nothing, rather than more than it may")
  func tooLarge() {
    let (lookBack, most) = Self.filled(20_000, steps: 2)
    #expect(most <= LookBack.mostBytes)
    #expect(lookBack.isEmpty)
  }

  @Test("what is older than an hour goes")
  func hour() throws {
    var lookBack = LookBack()
    for step in stride(from: 0, to: 5_000, by: 10) {
      let heardAt = Int64(step) * 1_000
      lookBack.keep(Self.lively(3, step: step), heardAt: heardAt, until: heardAt + 5_000)
    }
    let first = try #require(lookBack.moments.first)
    #expect(first.heardAt == 1_400_000)
  }

  @Test("of a burst one moment is kept, and the last one before a lull")
  func spacing() {
    var lookBack = LookBack()
    for (heardAt, until) in [(0, 50), (50, 100), (100, 5_000), (5_000, 5_050), (5_050, 9_000)] {
      lookBack.keep(
        Self.lively(3, step: heardAt), heardAt: Int64(heardAt), until: Int64(until))
    }
    #expect(lookBack.moments.map(\.heardAt) == [0, 100, 5_000, 5_050])
  }

  @Test("numbers are packed and come back", arguments: [0, 1, 127, 128, 65_535, 1 << 40, Int.max])
  func numbers(number: Int) {
    var packed = PackedNumbers()
    packed.append(number)
    packed.append(7)
    packed.trim()
    var reader = packed.reader
    #expect([reader.next(), reader.next(), reader.next()] == [number, 7, nil])
  }
}

@Suite("Times that are typed")
struct WantedTimeTests {
  @Test(
    "times are of the day that is shown, else of the day before",
    arguments: [
      ("10:41", "2026-03-01T10:41:00.000Z"), ("9:05:07", "2026-03-01T09:05:07.000Z"),
      ("23:59", "2026-02-28T23:59:00.000Z"), (" 10:42:07 ", "2026-03-01T10:42:07.000Z"),
      ("-5m", "2026-03-01T10:37:07.000Z"), ("-90s", "2026-03-01T10:40:37.000Z"),
      ("+30s", "2026-03-01T10:42:37.000Z"), ("-1h30m", "2026-03-01T09:12:07.000Z"),
      ("-5", "2026-03-01T10:37:07.000Z"), ("2026-02-27 10:00", "2026-02-27T10:00:00.000Z"),
      ("2026-02-27T10:00:00Z", "2026-02-27T10:00:00.000Z"),
    ])
  func understood(text: String, time: String) {
    let shown = Fixture.now
    #expect(WantedTime.time(text, shown: shown, latest: shown)?.description == time)
  }

  @Test(
    "anything else is none",
    arguments: [
      "", " ", "-", "+", "25:00", "10:60", "10", "10:", ":", "10:42:61", "-5x", "-m", "--5",
      "-9999999m", "2026-02-30 10:00", "now", "1:2:3:4", "-5m3", "é", "12:٣٤", "a b c",
    ])
  func refused(text: String) {
    #expect(WantedTime.time(text, shown: Fixture.now, latest: Fixture.now) == nil)
  }
}

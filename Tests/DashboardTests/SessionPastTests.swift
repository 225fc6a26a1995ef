import ClusterModel
import Dashboard
import Testing

@testable import Recordings

@Suite("The past of a session")
struct SessionPastTests {
  /// A cluster in which every load is a different one at each second.
  private static func lively(
    _ servers: [InstanceStatus], step: Int, churning: Bool = false
  ) -> ClusterSnapshot {
    var instances = servers
    let at = Fixture.now.adding(milliseconds: Int64(step) * 1_000)
    for number in instances.indices {
      instances[number].load.connected = (number * 31 + step * 17) % 601
      if churning { instances[number].healthSince = at }
    }
    let turned = step % max(1, instances.count)
    let list = (instances[turned...] + instances[..<turned]).map(\.id)
    let snapshot = Fixture.snapshot
    return ClusterSnapshot(
      cluster: "PROD", sequence: Int64(step), at: at, balancer: snapshot.balancer,
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

  /// Tells the past of this many seconds, in memory.
  ///
  /// - Returns: The most bytes that it ever took.
  private static func fill(
    _ past: FedPast, _ count: Int, _ steps: Range<Int>, churning: Bool = false
  ) -> Int {
    var most = 0
    let servers = servers(count)
    var before: ClusterSnapshot?
    for step in steps {
      let next = lively(servers, step: step, churning: churning)
      let event = before.map { Event.change(ClusterChange(from: $0, to: next)) }
      #expect(past.record(event ?? .snapshot(next), at: Int64(step) * 1_000) == nil)
      most = max(most, past.past.bytes)
      before = next
    }
    return most
  }

  private static func time(_ step: Int) -> Seek {
    .time(Fixture.now.adding(milliseconds: Int64(step) * 1_000))
  }

  @Test("every moment comes back exactly as it was, while more is kept")
  func exact() {
    let past = FedPast()
    var lookBack = LookBack(past.past)
    let servers = Self.servers(9)
    _ = Self.fill(past, 9, 0..<40)
    for step in (0..<40).reversed() {
      #expect(lookBack.seek(Self.time(step), at: 0)?.snapshot == Self.lively(servers, step: step))
    }
    _ = Self.fill(past, 9, 40..<80)
    for step in [79, 3, 41, 40, 39] {
      #expect(lookBack.seek(Self.time(step), at: 0)?.snapshot == Self.lively(servers, step: step))
    }
  }

  @Test("what is added behind a picture at the end is come to by steps")
  func grows() {
    let past = FedPast()
    var lookBack = LookBack(past.past)
    _ = Self.fill(past, 3, 0..<5)
    #expect(lookBack.seek(Self.time(4), at: 0)?.isLast == true)
    _ = past.record(.change(Self.change(5)), at: 5_000)
    _ = past.record(.change(Self.change(6)), at: 6_000)
    let next = lookBack.seek(.forth(), at: 0)
    #expect(next?.snapshot.sequence == 5)
    #expect(next?.isLast == false)
    #expect(lookBack.seek(.forth(), at: 0)?.isLast == true)
  }

  private static func change(_ step: Int) -> ClusterChange {
    ClusterChange(
      from: lively(servers(3), step: step - 1), to: lively(servers(3), step: step))
  }

  @Test("1,000 instances with 1,000 changes a second stay within 4 MiB of memory")
  func bound() {
    let past = FedPast()
    let most = Self.fill(past, 1_000, 0..<60)
    #expect(most <= SessionPast.mostMemoryBytes)
    var lookBack = LookBack(past.past)
    let newest = lookBack.seek(.end, at: 0)
    #expect(newest?.snapshot == Self.lively(Self.servers(1_000), step: 59))
    let back = lookBack.seek(.back(from: newest?.at), at: 0)
    #expect(back?.snapshot == Self.lively(Self.servers(1_000), step: 58))
  }

  @Test("a cluster in which everything changes all the time stays within 4 MiB as well")
  func churn() {
    let past = FedPast()
    #expect(Self.fill(past, 1_000, 0..<8, churning: true) <= SessionPast.mostMemoryBytes)
    var lookBack = LookBack(past.past)
    #expect(lookBack.seek(.end, at: 0)?.snapshot.sequence == 7)
  }

  @Test("a cluster that is too large for it keeps nothing, rather than more than it may")
  func tooLarge() {
    let past = FedPast()
    #expect(Self.fill(past, 6_000, 0..<2) == 0)
    var lookBack = LookBack(past.past)
    #expect(lookBack.seek(.end, at: 0) == nil)
  }

  @Test("it reaches back at least an hour, and no further than two")
  func hours() throws {
    let past = FedPast()
    let servers = Self.servers(1)
    _ = past.record(.snapshot(Self.lively(servers, step: 0)), at: 0)
    for step in stride(from: 10, to: 12_000, by: 10) {
      let change = ClusterChange(
        from: Self.lively(servers, step: step - 10), to: Self.lively(servers, step: step))
      _ = past.record(.change(change), at: Int64(step) * 1_000)
    }
    let recording = try #require(past.past.recording)
    let reach = recording.last.milliseconds(since: recording.first)
    #expect((3_600_000...7_200_000).contains(reach))
    var lookBack = LookBack(past.past)
    #expect(lookBack.seek(Self.time(0), at: 0)?.isFirst == true)
  }

  @Test("who looks at what goes meanwhile is shown the oldest that is left")
  func goes() throws {
    let past = FedPast()
    var lookBack = LookBack(past.past)
    _ = Self.fill(past, 200, 0..<60)
    #expect(lookBack.seek(Self.time(1), at: 0)?.snapshot.sequence == 1)
    _ = Self.fill(past, 1_000, 60..<75, churning: true)
    let oldest = try #require(past.past.recording?.first)
    #expect(oldest > Fixture.now.adding(milliseconds: 2_000))
    let next = lookBack.seek(.forth(), at: 0)
    #expect(try #require(next).at >= oldest)
  }

  @Test("the feed's own JSON is kept as it was received, on one line")
  func text() throws {
    let past = FedPast()
    let snapshot = Self.lively(Self.servers(2), step: 0)
    let line = try #require(RecordingLine.snapshot(snapshot).encoded(at: snapshot.at))
    let json = String(decoding: line.dropFirst(44).dropLast(2), as: UTF8.self)
    #expect(json.hasPrefix("{") && json.hasSuffix("}"))
    let spread = json.replacing(",\"", with: ",\r\n\"")
    _ = past.record(.snapshot(snapshot), text: spread, at: 0)
    #expect(past.past.bytes == 44 + spread.utf8.count + 2)
    var lookBack = LookBack(past.past)
    #expect(lookBack.seek(.end, at: 0)?.snapshot == snapshot)
  }
}

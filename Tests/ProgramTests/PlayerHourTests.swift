import ClusterModel
import Dashboard
import Foundation
import Testing

@testable import Recordings

@Suite("The hour of a replay")
struct PlayerHourTests {
  private static let step = ClusterTrend.stepMilliseconds

  private static func time(_ second: Int) -> Timestamp {
    AOSTopFixture.start.adding(milliseconds: Int64(second) * 1_000)
  }

  /// Sessions of AOS01; AOS02 has nine.
  private static func sessions(_ second: Int) -> Int { second / 7 * 17 % 61 }

  /// Tells a line every few seconds, the first of them a whole picture.
  private static func tell(_ seconds: StrideThrough<Int>, to record: (Event) -> Void) throws {
    let id = try InstanceID("AOS01")
    var isFirst = true
    for second in seconds {
      let load = Load(connected: sessions(second), maximum: 60)
      if isFirst {
        var snapshot = try AOSTopFixture.snapshot()
        snapshot.at = time(second)
        snapshot.setLoad(load, of: id)
        record(.snapshot(snapshot))
      } else {
        var change = try AOSTopFixture.change(second)
        change.loads = [LoadChange(id: id, load: load)]
        record(.change(change))
      }
      isFirst = false
    }
  }

  private static func player(
    _ parts: [StrideThrough<Int>], before: [Event] = [], mostHourBytes: Int = 16 << 20
  ) throws -> Player {
    try AOSTopFixture.withPath { path in
      for part in parts {
        let recorder = try FedRecorder(path: path)
        for event in before { _ = recorder.record(event, at: 0) }
        try tell(part) { _ = recorder.record($0, at: 0) }
      }
      return Player(following: try Recording(path: path), mostHourBytes: mostHourBytes)
    }
  }

  /// The values of a picture, each with the second at which its step begins.
  private static func values(
    _ picture: PastPicture
  ) -> [(second: Int, sample: ClusterSample?)] {
    let samples = picture.trend.samples
    let newest = picture.at.milliseconds / step
    return samples.enumerated().map { place, sample in
      let start = (newest - Int64(samples.count - 1 - place)) * step
      return (Int((start - AOSTopFixture.start.milliseconds) / 1_000), sample)
    }
  }

  /// What held when a step began, or when reading began in it, of a line every five seconds.
  private static func isOfStep(_ sample: ClusterSample?, _ second: Int) -> Bool {
    let wanted = (0...2).map { sessions(max(0, second) / 5 * 5 + 5 * $0) + 9 }
    return sample.map { wanted.contains($0.sessions) } ?? false
  }

  @Test("wherever one goes and however, the hour is that before the time in the recording")
  func moves() throws {
    var player = try Self.player([stride(from: 0, through: 9_000, by: 5)])
    func check(_ wish: Seek, at second: Int) throws {
      let next = player.seek(wish, at: 0)
      let picture = try #require(next)
      #expect(picture.at == Self.time(second))
      let values = Self.values(picture)
      #expect(values.count == min(ClusterTrend.length, (second + 7) / 10 + 1))
      for (second, sample) in values {
        #expect(Self.isOfStep(sample, second), "\(second)")
        #expect(sample?.capacity == 120)
      }
    }
    try check(.time(Self.time(0)), at: 0)
    try check(.time(Self.time(300)), at: 300)
    try check(.end, at: 9_000)
    for step in 1...40 { try check(.back(), at: 9_000 - step * 5) }
    try check(.time(Self.time(5_000)), at: 5_000)
    for step in 1...10 { try check(.forth(), at: 5_000 + step * 5) }
    try check(.time(Self.time(1_200)), at: 1_200)
    try check(.time(Self.time(8_995)), at: 8_995)
  }

  @Test("while it runs the hour runs along, even where nothing happens")
  func runs() throws {
    var player = try Self.player([stride(from: 0, through: 400, by: 200)])
    _ = player.seek(.time(Self.time(0)), at: 0)
    _ = player.seek(.toggleRun, at: 0)
    for second in 1...199 {
      let next = player.advance(at: Int64(second) * 1_000)
      let picture = try #require(next)
      #expect(picture.trend.samples.count == (second + 7) / 10 + 1)
      #expect(picture.trend.samples.allSatisfy { $0?.sessions == Self.sessions(0) + 9 })
    }
  }

  @Test("the time in which nothing was recorded is unknown")
  func gap() throws {
    var player = try Self.player([
      stride(from: 0, through: 103, by: 1), stride(from: 203, through: 300, by: 1),
    ])
    let next = player.seek(.end, at: 0)
    for (second, sample) in Self.values(try #require(next)) {
      #expect((sample == nil) == (104..<203).contains(second), "\(second)")
    }
  }

  @Test("what the balancer kept stands before the recording, wherever one leaps to first")
  func before() throws {
    let kept = (0..<ClusterTrend.length).map { place in
      ClusterSample(sessions: place, capacity: 500, handshakesPerSecond: 1, spread: 2)
    }
    for seek in [Seek.time(Self.time(0)), .time(Self.time(1_500)), .end] {
      var player = try Self.player(
        [stride(from: 0, through: 3_000, by: 5)],
        before: [
          .history(
            BalancerHistory(
              stepSeconds: 10, instances: [:], cluster: kept,
              at: AOSTopFixture.start.adding(milliseconds: -Self.step)))
        ])
      let next = player.seek(seek, at: 0)
      let values = Self.values(try #require(next))
      #expect(values.count == ClusterTrend.length)
      for (second, sample) in values where second < -10 {
        #expect(sample?.sessions == ClusterTrend.length + (second + 7) / 10, "\(second)")
      }
      #expect(values.last?.sample?.capacity == 120)
    }
  }

  @Test("of an hour that is too much to read, the whole pictures are the values")
  func pictures() throws {
    let seconds = stride(from: 0, through: 7_000, by: 1)
    var player = try Self.player([seconds], mostHourBytes: 0)
    let next = player.seek(.end, at: 0)
    let samples = Self.values(try #require(next)).map(\.sample)
    #expect(samples.count == ClusterTrend.length)
    #expect(samples.allSatisfy { $0 != nil })
    // The last minutes are read for the sparklines, and the first hour holds few pictures.
    let old = samples.prefix(ClusterTrend.length / 2).map { $0?.sessions }
    let changes = zip(old, old.dropFirst()).count { $0 != $1 }
    #expect((1..<40).contains(changes), "\(changes)")
  }

  @Test("a looked-back session has the hour as a replay has it")
  func lookBack() throws {
    let past = FedPast()
    try Self.tell(stride(from: 0, through: 4_000, by: 5)) { _ = past.record($0, at: 0) }
    var lookBack = LookBack(past.past)
    let next = lookBack.seek(.time(Self.time(3_900)), at: 0)
    let values = Self.values(try #require(next))
    #expect(values.count == ClusterTrend.length)
    for (second, sample) in values {
      #expect(Self.isOfStep(sample, second), "\(second)")
    }
  }

  @Test("however long the recording, a few hours of it are kept at most")
  func bounded() throws {
    var hour = PlayerHour()
    let snapshot = try AOSTopFixture.snapshot()
    for minute in 0..<3_000 {
      let from = Self.time(minute * 60)
      hour.note(snapshot, from: from, until: from.adding(milliseconds: 59_999))
      #expect(hour.count <= PlayerHour.most)
    }
    hour.note(snapshot, from: Self.time(0), until: Self.time(Int(Int32.max)))
    #expect(hour.count <= PlayerHour.most)
  }
}

import ClusterClient
import ClusterModel
import Dashboard
import Foundation
import Testing

@testable import Recordings

@Suite("Trends of a replay")
struct PlayerTrendTests {
  private static func time(_ second: Int) -> Timestamp {
    AOSTopFixture.start.adding(milliseconds: Int64(second) * 1_000)
  }

  /// Writes a line a second: this many sessions of AOS01, of sixty.
  private static func write(
    _ path: String, _ seconds: ClosedRange<Int>, _ sessions: (Int) -> Int
  ) throws {
    let recorder = try FedRecorder(path: path)
    for second in seconds {
      let load = Load(connected: sessions(second), maximum: 60)
      let id = try InstanceID("AOS01")
      if second == seconds.lowerBound {
        var snapshot = try AOSTopFixture.snapshot()
        snapshot.at = time(second)
        snapshot.setLoad(load, of: id)
        _ = recorder.record(.snapshot(snapshot), at: 0)
      } else {
        var change = try AOSTopFixture.change(second)
        change.loads = [LoadChange(id: id, load: load)]
        _ = recorder.record(.change(change), at: 0)
      }
    }
  }

  /// The seconds that the trend of a picture has values of, with these.
  private static func values(_ picture: PastPicture) throws -> [(second: Int, share: Double?)] {
    let shares = picture.history.shares(of: try InstanceID("AOS01"))
    let newest = try #require(picture.history.newestAt)
    #expect(newest <= picture.at.milliseconds)
    #expect(newest > picture.at.milliseconds - LoadTrends.stepMilliseconds)
    return shares.enumerated().map { index, share in
      let age = Int64(shares.count - 1 - index) * LoadTrends.stepMilliseconds
      let since = newest - age - AOSTopFixture.start.milliseconds
      // Just before a second, what held in the one before it counts.
      return (Int((Double(since) / 1_000).rounded(.down)), share)
    }
  }

  @Test("wherever one goes and however, the trend is that of the minutes before in the recording")
  func moves() throws {
    func sessions(_ second: Int) -> Int { second / 3 * 17 % 61 }
    var player = try AOSTopFixture.withPath { path in
      try Self.write(path, 0...2_000, sessions)
      return try Player(Recording(path: path))
    }
    func check(_ wish: Seek, at second: Int) throws {
      let next = player.seek(wish, at: 0)
      let picture = try #require(next)
      #expect(picture.at == Self.time(second))
      let values = try Self.values(picture)
      #expect(values.count == min(LoadTrends.length, second / 5 + 1))
      for (second, share) in values {
        let wanted = Double(sessions(second) * 10_000 / 60) / 10_000
        #expect(share.map { abs($0 - wanted) < 0.000_2 } == true, "\(second)")
      }
    }
    try check(.time(Self.time(20)), at: 20)
    try check(.time(Self.time(290)), at: 290)
    try check(.time(Self.time(900)), at: 900)
    for step in 1...200 { try check(.back(), at: 900 - step) }
    for step in 1...20 { try check(.forth(), at: 700 + step) }
    try check(.end, at: 2_000)
    try check(.back(), at: 1_999)
    try check(.time(Self.time(100)), at: 100)
    try check(.time(Self.time(0)), at: 0)
    try check(.time(Self.time(1_950)), at: 1_950)
    try check(.time(Self.time(1_400)), at: 1_400)
  }

  @Test("a peak between two looks is in the trend")
  func peak() throws {
    var player = try AOSTopFixture.withPath { path in
      try Self.write(path, 0...100) { (30..<40).contains($0) ? 60 : 6 }
      return try Player(Recording(path: path))
    }
    _ = player.seek(.time(Self.time(20)), at: 0)
    let next = player.seek(.time(Self.time(60)), at: 0)
    let picture = try #require(next)
    let shares = try Self.values(picture).map(\.share)
    #expect(shares.count { $0 == 1 } == 2)
    #expect(shares.count { $0 == 0.1 } == 11)
  }

  @Test("while it runs the trend runs along")
  func runs() throws {
    var player = try AOSTopFixture.withPath { path in
      try Self.write(path, 0...40) { $0 }
      return try Player(Recording(path: path))
    }
    _ = player.seek(.toggleRun, at: 0)
    for second in 1...39 {
      let next = player.advance(at: Int64(second) * 1_000 + 500)
      let picture = try #require(next)
      let last = try #require(try Self.values(picture).last)
      #expect(last.second == second / 5 * 5)
      #expect(last.share == Double(last.second * 10_000 / 60) / 10_000)
    }
  }

  @Test("the time in which nothing was recorded is unknown, not flat")
  func gap() throws {
    var player = try AOSTopFixture.withPath { path in
      try Self.write(path, 0...100) { _ in 6 }
      try Self.write(path, 200...230) { _ in 30 }
      return try Player(Recording(path: path))
    }
    let next = player.seek(.end, at: 0)
    let picture = try #require(next)
    for (second, share) in try Self.values(picture) {
      switch second {
      case ..<100: #expect(share == 0.1)
      case 105..<200: #expect(share == nil)
      case 200...: #expect(share == 0.5)
      default: break
      }
    }
  }
}

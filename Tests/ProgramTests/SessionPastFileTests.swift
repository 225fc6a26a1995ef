import ClusterModel
import Dashboard
import Foundation
import Testing

@testable import Recordings

@Suite("The past of a session in files")
struct SessionPastFileTests {
  private static func tell(_ past: FedPast, seconds: Int) throws -> [String] {
    var said = [past.record(.snapshot(try AOSTopFixture.snapshot()), at: 0)]
    for second in stride(from: 1, through: seconds, by: 1) {
      said.append(past.record(.change(try AOSTopFixture.change(second)), at: Int64(second) * 1_000))
    }
    return said.compactMap(\.self)
  }

  private static func time(_ second: Int) -> Timestamp {
    AOSTopFixture.start.adding(milliseconds: Int64(second) * 1_000)
  }

  @Test("hours are kept and found, whichever way one goes, and the files have no names")
  func nameless() throws {
    try AOSTopFixture.withPath { path in
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      let past = FedPast(SessionPast(folders: [folder]))
      #expect(try Self.tell(past, seconds: 9_000) == [])
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
      let recording = try #require(past.past.recording)
      #expect(recording.last.milliseconds(since: recording.first) >= 3_600_000)
      var lookBack = LookBack(past.past)
      for second in [8_999, 7_300, 7_000, 8_000, 7_199, 7_200, 7_201] {
        let picture = lookBack.seek(.time(Self.time(second)), at: 0)
        #expect(picture?.snapshot.sessions == second)
      }
      #expect(lookBack.seek(.back(), at: 0)?.snapshot.sessions == 7_200)
      #expect(lookBack.seek(.back(), at: 0)?.snapshot.sessions == 7_199)
    }
  }

  @Test("without a temporary folder the past is kept in memory, and that is reported once")
  func noFolder() throws {
    let past = FedPast(SessionPast(folders: ["/nowhere/at/all"]))
    let said = try Self.tell(past, seconds: 50)
    #expect(
      said == [
        "you can look back less than an hour: /nowhere/at/all: No such file or directory"
      ])
    var lookBack = LookBack(past.past)
    #expect(lookBack.seek(.time(Self.time(7)), at: 0)?.snapshot.sessions == 7)
  }

  /// A disk with room for a minute.
  private struct SmallDisk: PastStore {
    let store = MemoryStore()

    func append(_ bytes: [UInt8]) throws(RecordingFile.Trouble) {
      let used = store.read(at: 0, count: 10_000).count
      guard used + bytes.count <= 10_000 else {
        throw RecordingFile.Trouble("No space left on device")
      }
      store.append(bytes)
    }

    func read(at offset: Int, count: Int) -> [UInt8] { store.read(at: offset, count: count) }
  }

  @Test("on a full disk what was kept stays, and what comes is kept in memory")
  func full() throws {
    let past = FedPast(
      SessionPast { () throws(RecordingFile.Trouble) -> any PastStore in SmallDisk() })
    #expect(
      try Self.tell(past, seconds: 300) == [
        "you can look back less than an hour: No space left on device"
      ])
    var lookBack = LookBack(past.past)
    for second in [3, 30, 150, 299, 20] {
      let picture = lookBack.seek(.time(Self.time(second)), at: 0)
      #expect(picture?.snapshot.sessions == second)
    }
  }

  @Test("the first folder that takes a file has it")
  func folders() throws {
    let past = FedPast(SessionPast(folders: ["/nowhere/at/all", NSTemporaryDirectory()]))
    #expect(try Self.tell(past, seconds: 5) == [])
  }

  @Test("while the feed is lost nothing is known, and the minutes before the session are")
  func trends() throws {
    let past = FedPast()
    let id = try InstanceID("AOS01")
    _ = past.record(.snapshot(try AOSTopFixture.snapshot()), at: 0)
    let loads = Array(repeating: Load(connected: 30, maximum: 60), count: 31)
    _ = past.record(
      .history(BalancerHistory(stepSeconds: 10, instances: [id: loads])), at: 10)
    for second in 1...60 {
      _ = past.record(.change(try AOSTopFixture.change(second)), at: Int64(second) * 1_000)
    }
    _ = past.record(.lost(reason: "reset", retryAt: 0), at: 60_000)
    _ = past.record(.lost(reason: "reset", retryAt: 0), at: 61_000)
    for second in 91...120 {
      _ = past.record(.change(try AOSTopFixture.change(second)), at: Int64(second) * 1_000)
    }
    var lookBack = LookBack(past.past)
    let then = lookBack.seek(.time(Self.time(120)), at: 0)
    let shares = try #require(then).history.shares(of: id)
    #expect(shares.count == LoadTrends.length)
    #expect(shares.prefix(35).allSatisfy { $0 == 0.5 })
    // From 65 to 90 seconds.
    #expect(shares.enumerated().filter { $1 == nil }.map(\.offset) == Array(48...53))
  }
}

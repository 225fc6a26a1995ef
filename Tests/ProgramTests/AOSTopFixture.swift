import ClusterClient
import ClusterModel
import Dashboard
import Foundation
import Testing

@testable import Recordings

/// A cluster of one balancer and two servers, and a recording of it.
enum AOSTopFixture {
  static let start = Timestamp(milliseconds: 1_772_361_727_000)  // 2026-03-01T10:42:07Z

  static func server(_ name: String, _ connected: Int) throws -> InstanceStatus {
    InstanceStatus(
      RegisteredInstance(
        id: try InstanceID(name), reach: try InstanceReach(Address(host: "10.0.0.1", port: 2712)),
        profile: InstanceProfile(role: .server(.application), ownMaximum: 60),
        record: AdmissionRecord(.accepting, at: start, by: name), seat: 1),
      delivered: true, health: .alive, healthSince: start,
      load: Load(connected: connected, maximum: 60))
  }

  static func snapshot(balancer: String = "LB1") throws -> ClusterSnapshot {
    ClusterSnapshot(
      cluster: "PROD", sequence: 1, at: start,
      balancer: BalancerStatus(
        id: try InstanceID(balancer), version: "0.1.0", startedAt: start,
        registry: .init(kind: "sqlite", state: .available)),
      license: LicenseSummary(state: .none, seats: nil, seatsUsed: 2),
      handshakes: HandshakeCount(), instances: [try server("AOS01", 0), try server("AOS02", 9)],
      handshakeList: [try InstanceID("AOS01"), try InstanceID("AOS02")], actions: [])
  }

  /// This many seconds later AOS01 has this many sessions.
  static func change(_ second: Int) throws -> ClusterChange {
    var change = ClusterChange(
      sequence: Int64(second) + 1, at: start.adding(milliseconds: Int64(second) * 1_000))
    change.loads = [
      LoadChange(id: try InstanceID("AOS01"), load: Load(connected: second, maximum: 60))
    ]
    return change
  }

  /// A recording with a change every second.
  static func write(_ path: String, seconds: Int) throws {
    let recorder = try FedRecorder(path: path)
    _ = recorder.record(.snapshot(try snapshot()), at: 0)
    for second in stride(from: 1, through: seconds, by: 1) {
      _ = recorder.record(.change(try change(second)), at: Int64(second) * 1_000)
    }
  }

  /// Runs a test with a path in a folder of its own.
  static func withPath<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory
      .appendingPathComponent("aostop-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder.appendingPathComponent("feed").path)
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  static func save(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
  }
}

extension ClusterSnapshot {
  /// Sessions of AOS01.
  var sessions: Int? { instances.first?.load.connected }
}

/// A recorder that is told a feed, as the program tells it.
final class FedRecorder {
  private let recorder: Recorder
  private var feed = FollowedFeed()

  init(path: String) throws(RecordingFile.Trouble) { recorder = try Recorder(path: path) }

  func record(_ event: Event, text: String? = nil, at now: Int64) -> RecordingNotice? {
    feed.follow(event, at: now).flatMap { recorder.record($0, text: text, at: now) }
  }
}

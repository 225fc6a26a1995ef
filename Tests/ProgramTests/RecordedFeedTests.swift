import ClusterClient
import ClusterModel
import Dashboard
import Foundation
import TestSupport
import Testing

@testable import Recordings

/// One release apart must work: recordings of this release, of those before and of the next one.
@Suite("A recording of another release", .timeLimit(.minutes(2)))
struct RecordedFeedTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Recorded")
  private static let isWanted =
    ProcessInfo.processInfo.environment["AOSTOP_RECORD_BODIES"] != nil

  @Test("is played to its end, whichever release has recorded it")
  func played() throws {
    let releases = try FileManager.default.contentsOfDirectory(atPath: Self.root.path)
    #expect(!releases.isEmpty)
    for release in releases {
      let path = Self.root.appending(path: "\(release)/night.feed").path
      let recording = try Recording(path: path)
      #expect(recording.complaint == nil, "\(release)")
      var player = try Player(recording)
      #expect(player.opening()?.snapshot.instances.isEmpty == false, "\(release)")
      #expect(player.seek(.end, at: 0)?.at == recording.last, "\(release)")
    }
  }

  @Test("keeps what only the next release knows: names, fields and kinds of lines")
  func future() throws {
    let releases = try FileManager.default.contentsOfDirectory(atPath: Self.root.path)
    let newest = try #require(
      releases.max { $0.compare($1, options: .numeric) == .orderedAscending })
    let file = Self.root.appending(path: "\(newest)/night.feed")
    var text = try String(contentsOf: file, encoding: .utf8)
    for (name, next) in [
      (#""health":"alive""#, #""health":"frozen","shelf":{"x":[1]}"#),
      (#""action":"drain""#, #""action":"frozen""#), (#""kind":"sqlite""#, #""kind":"frozen""#),
      (#""state":"available""#, #""state":"frozen""#),
    ] {
      #expect(text.contains(name))
      text = text.replacing(name, with: next)
    }
    let last = try #require(text.split(separator: "\n").last)
    text += last.prefix(#"{"at":"2026-03-01T10:42:07.000Z""#.count) + ",\"weather\":{\"wind\":3}}\n"
    try AOSTopFixture.withPath { path in
      try AOSTopFixture.save(text, to: path)
      let recording = try Recording(path: path)
      #expect(recording.complaint == nil)
      var player = try Player(recording)
      _ = player.opening()
      let end = try #require(player.seek(.end, at: 0)?.snapshot)
      #expect(end.instances.contains { $0.health.rawValue == "frozen" })
      #expect(end.actions.contains { $0.action.rawValue == "frozen" })
      #expect(end.balancer.registry.state.rawValue == "frozen")
    }
  }

  @Test("is made of this release", .enabled(if: isWanted))
  func record() async throws {
    let folder = Self.root.appending(path: ProgramVersion.current)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let file = folder.appending(path: "night.feed")
    try? FileManager.default.removeItem(at: file)
    try await ProcessCluster.run { cluster in
      let one = try InstanceID("01@BOX")
      let port = try await cluster.startInstance("01@BOX")
      try await cluster.startInstance("AOS02")
      try await cluster.until("both serve") { $0.handshakeList.count == 2 }
      let recorder = try Daemon(Program.path("aostop"), ["--record", file.path, cluster.balancer])
      try await eventually("it records", { try Self.text(file) }) {
        $0.contains(#""snapshot""#)
      }
      let curl = try cluster.client(at: port)
      try await cluster.until("it has a session") { $0[one]?.load.connected == 1 }
      _ = try await cluster.operators.change(.drain([one], reason: "patch"))
      curl.kill(SIGKILL)
      try await cluster.until("it is drained") { $0[one]?.state == .drained }
      cluster.kill("AOS02", SIGKILL)
      try await eventually("the loss is recorded", { try Self.text(file) }) {
        $0.contains(#""health":"unreachable""#)
      }
      recorder.kill(SIGTERM)
      try await recorder.end()
    }
  }

  private static func text(_ file: URL) throws -> String {
    (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  }
}

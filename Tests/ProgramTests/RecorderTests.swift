import ClusterClient
import ClusterModel
import Dashboard
import Foundation
import Testing

@testable import AOSTop

@Suite("Recording")
struct RecorderTests {
  @Test("a recording is a header and one line for each event, each with the feed's time")
  func lines() throws {
    try AOSTopFixture.withPath { path in
      try AOSTopFixture.write(path, seconds: 2)
      let lines = try AOSTopFixture.text(path).split(separator: "\n")
      let starts = [
        #"{"at":"2026-03-01T10:42:07.000Z","recording":{"balancer":"LB1","cluster":"PROD","#,
        #"{"at":"2026-03-01T10:42:07.000Z","snapshot":{"#,
        #"{"at":"2026-03-01T10:42:08.000Z","change":{"#,
        #"{"at":"2026-03-01T10:42:09.000Z","change":{"#,
      ]
      #expect(lines.count == starts.count)
      for (line, start) in zip(lines, starts) { #expect(line.hasPrefix(start)) }
    }
  }

  @Test("every line is read as it was written")
  func roundTrip() throws {
    let action = ActionRecord(
      id: 7, at: AOSTopFixture.start, actor: "eve", action: .drain,
      instance: try InstanceID("AOS01"), reason: "x\u{1b}[2J", result: "ok", delivered: true)
    let lines: [RecordingLine] = [
      .snapshot(try AOSTopFixture.snapshot()), .change(try AOSTopFixture.change(3)),
      .action(action), .header(.init(format: 1, cluster: "P", balancer: "B", program: "0")),
    ]
    for line in lines {
      let bytes = try #require(line.encoded(at: AOSTopFixture.start))
      #expect(bytes.filter { $0 == 10 }.count == 1)
      let (time, read) = try RecordingLine.read(bytes.dropLast())
      #expect(time == AOSTopFixture.start)
      #expect(read == line)
    }
  }

  @Test("a recording that is there is added to, even if its last line was cut off")
  func added() throws {
    try AOSTopFixture.withPath { path in
      try AOSTopFixture.write(path, seconds: 2)
      let whole = try AOSTopFixture.text(path)
      try AOSTopFixture.save(String(whole.dropLast(20)), to: path)
      try AOSTopFixture.write(path, seconds: 1)
      let recording = try Recording(path: path)
      #expect(recording.pictures.count == 2)
      #expect(recording.faultyLines == 0)
      var player = try Player(recording)
      #expect(player.take(.end, at: 0)?.snapshot.sessions == 1)
    }
  }

  @Test(
    "a file that is no recording of this format is left alone",
    arguments: [
      "my letters\n", "{}\n", "\n",
      #"{"at":"2026-03-01T10:42:07.000Z","recording":"#
        + #"{"format":2,"cluster":"P","balancer":"B","program":"9"}}"# + "\n",
    ])
  func foreign(content: String) throws {
    try AOSTopFixture.withPath { path in
      try AOSTopFixture.save(content, to: path)
      #expect { _ = try Recorder(path: path) } throws: { error in
        (error as? Failure)?.status == .wrongInput
          && (error as? Failure)?.lines.first?.contains("left as it is") == true
      }
      #expect(try AOSTopFixture.text(path) == content)
    }
  }

  @Test("a file that cannot be written is said at once", arguments: ["/nowhere/at/all", "/tmp"])
  func unwritable(path: String) {
    #expect(throws: Failure.self) { _ = try Recorder(path: path) }
  }

  @Test("two cannot record to one file")
  func locked() throws {
    try AOSTopFixture.withPath { path in
      let first = try Recorder(path: path)
      #expect { _ = try Recorder(path: path) } throws: { error in
        (error as? Failure)?.lines == ["--record: \(path): another aostop is recording to it"]
      }
      withExtendedLifetime(first) {}
    }
  }

  @Test("a full disk is told once, and tried again without a word")
  func full() throws {
    let recorder = try Recorder(path: "/dev/full")
    let told = recorder.take(.snapshot(try AOSTopFixture.snapshot()), at: 0)
    #expect(told == .stopped("not recording: /dev/full: No space left on device"))
    for second in 1...20 {
      let change = try AOSTopFixture.change(second)
      #expect(recorder.take(.change(change), at: Int64(second) * 1_000) == nil)
    }
  }

  @Test("a file that vanishes is made anew, with a picture to begin with")
  func vanished() throws {
    try AOSTopFixture.withPath { path in
      let recorder = try Recorder(path: path)
      _ = recorder.take(.snapshot(try AOSTopFixture.snapshot()), at: 0)
      try FileManager.default.removeItem(atPath: path)
      let told = recorder.take(.change(try AOSTopFixture.change(2)), at: 2_000)
      #expect(
        told == .running("the file was gone; recording goes on in a new one: \(path)"))
      var player = try Player(Recording(path: path))
      #expect(player.take(.end, at: 0)?.snapshot.sessions == 2)
    }
  }

  @Test("a folder that vanishes stops the recording; when it is back it goes on")
  func folder() throws {
    try AOSTopFixture.withPath { path in
      let recorder = try Recorder(path: path)
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      _ = recorder.take(.snapshot(try AOSTopFixture.snapshot()), at: 0)
      try FileManager.default.removeItem(at: folder)
      let told = recorder.take(.change(try AOSTopFixture.change(2)), at: 2_000)
      #expect(told == .stopped("not recording: \(path): No such file or directory"))
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      #expect(recorder.take(.change(try AOSTopFixture.change(3)), at: 3_000) == nil)
      let again = recorder.take(.change(try AOSTopFixture.change(8)), at: 8_000)
      #expect(again == .running("recording goes on: \(path)"))
      var player = try Player(Recording(path: path))
      #expect(player.take(.end, at: 0)?.snapshot.sessions == 8)
    }
  }

  @Test("another balancer's feed begins with a header of its own")
  func failover() throws {
    try AOSTopFixture.withPath { path in
      let recorder = try Recorder(path: path)
      for name in ["LB1", "LB1", "LB2"] {
        _ = recorder.take(.snapshot(try AOSTopFixture.snapshot(balancer: name)), at: 0)
      }
      let lines = try AOSTopFixture.text(path).split(separator: "\n")
      #expect(lines.filter { $0.contains(#""recording":"#) }.count == 2)
    }
  }

  @Test("whole pictures come again and again, and are a small part of the file")
  func pictures() throws {
    try AOSTopFixture.withPath { path in
      try AOSTopFixture.write(path, seconds: 3_000)
      let recording = try Recording(path: path)
      #expect(recording.pictures.count > 2)
      let lines = try AOSTopFixture.text(path).split(separator: "\n")
      let pictures = lines.filter { $0.contains(#""snapshot":"#) }.map(\.utf8.count).reduce(0, +)
      #expect(pictures * 4 < lines.map(\.utf8.count).reduce(0, +))
    }
  }
}

import ClusterClient
import ClusterModel
import Dashboard
import Foundation
import ProgramSupport
import Testing

@testable import Recordings

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
      instance: try InstanceID("AOS01"), reason: "kernel update", result: "ok", delivered: true)
    let event = ClusterEvent(
      id: 3, at: AOSTopFixture.start, balancer: try InstanceID("LB1"), kind: .known(.lost),
      instance: try InstanceID("AOS01"), sessions: 4, reason: "refused")
    let lines: [RecordingLine] = [
      .event(event),
      .snapshot(try AOSTopFixture.snapshot()), .change(try AOSTopFixture.change(3)),
      .action(action), .header(.init(format: 1, cluster: "P", balancer: "B", program: "0")),
      .history(
        BalancerHistory(
          stepSeconds: 10,
          instances: [try InstanceID("AOS01"): [Load(connected: 3, maximum: 60)]])),
      .lost,
    ]
    for line in lines {
      let bytes = try #require(line.encoded(at: AOSTopFixture.start))
      #expect(bytes.filter { $0 == 10 }.count == 1)
      let (time, read) = try RecordingLine.read(bytes.dropLast())
      #expect(time == AOSTopFixture.start)
      #expect(read == line)
    }
  }

  @Test("an existing recording is continued, even if its last line was cut off")
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
      #expect(player.seek(.end, at: 0)?.snapshot.sessions == 1)
    }
  }

  @Test(
    "a file that is not a recording of this format is left alone",
    arguments: [
      "my letters\n", "{}\n", "\n",
      #"{"at":"2026-03-01T10:42:07.000Z","recording":"#
        + #"{"format":2,"cluster":"P","balancer":"B","program":"9"}}"# + "\n",
    ])
  func foreign(content: String) throws {
    try AOSTopFixture.withPath { path in
      try AOSTopFixture.save(content, to: path)
      #expect { _ = try FedRecorder(path: path) } throws: { error in
        (error as? RecordingFile.Trouble)?.description.contains("is not changed") == true
      }
      #expect(try AOSTopFixture.text(path) == content)
    }
  }

  @Test(
    "a file that cannot be written is reported at once", arguments: ["/nowhere/at/all", "/tmp"])
  func unwritable(path: String) {
    #expect(throws: RecordingFile.Trouble.self) { _ = try FedRecorder(path: path) }
  }

  @Test("a program that only records fails at its end where something was not recorded")
  func incomplete() async throws {
    let said = "/tmp/aos-\(UUID().uuidString)"
    defer { try? FileManager.default.removeItem(atPath: said) }
    let script = """
      "$1" --demo --record /dev/full </dev/null >/dev/null 2>"$2" & program=$!
      until grep -q "not recording" "$2"; do kill -0 $program || exit 9; sleep 0.1; done
      kill -TERM $program
      wait $program
      """
    let result = try await Program.run(
      "/bin/sh", ["-c", script, "sh", Program.path("aostop"), said])
    #expect(result.status == 1)
    let text = try String(contentsOfFile: said, encoding: .utf8)
    #expect(text.contains("/dev/full: not everything was recorded"))
  }

  @Test("two cannot record to one file")
  func locked() throws {
    try AOSTopFixture.withPath { path in
      let first = try FedRecorder(path: path)
      #expect { _ = try FedRecorder(path: path) } throws: { error in
        (error as? RecordingFile.Trouble)?.description == "another aostop is recording to it"
      }
      withExtendedLifetime(first) {}
    }
  }

  @Test("a full disk is told once, and tried again without a word")
  func full() throws {
    let recorder = try FedRecorder(path: "/dev/full")
    let told = recorder.record(.snapshot(try AOSTopFixture.snapshot()), at: 0)
    #expect(told == .stopped("not recording: /dev/full: No space left on device"))
    for second in 1...20 {
      let change = try AOSTopFixture.change(second)
      #expect(recorder.record(.change(change), at: Int64(second) * 1_000) == nil)
    }
  }

  @Test("a file that vanishes is created again, and begins with a picture")
  func vanished() throws {
    try AOSTopFixture.withPath { path in
      let recorder = try FedRecorder(path: path)
      _ = recorder.record(.snapshot(try AOSTopFixture.snapshot()), at: 0)
      try FileManager.default.removeItem(atPath: path)
      let told = recorder.record(.change(try AOSTopFixture.change(2)), at: 2_000)
      #expect(
        told == .running("the file was gone; recording goes on in a new one: \(path)"))
      var player = try Player(Recording(path: path))
      #expect(player.seek(.end, at: 0)?.snapshot.sessions == 2)
    }
  }

  @Test(
    "a file that is emptied gets a header and a picture again, with a message",
    arguments: [0, 40, 300])
  func truncated(left: Int) throws {
    try AOSTopFixture.withPath { path in
      let recorder = try FedRecorder(path: path)
      _ = recorder.record(.snapshot(try AOSTopFixture.snapshot()), at: 0)
      _ = recorder.record(.change(try AOSTopFixture.change(1)), at: 1)
      #expect(truncate(path, off_t(left)) == 0)
      // At once: the next line reports what copytruncate emptied.
      let told = recorder.record(.change(try AOSTopFixture.change(2)), at: 2)
      #expect(
        told
          == .running("something emptied the file; recording starts again in it: \(path)"))
      #expect(recorder.record(.change(try AOSTopFixture.change(3)), at: 3) == nil)
      let text = try AOSTopFixture.text(path)
      let lines = text.split(separator: "\n").filter { $0.hasSuffix("}") }
      #expect(lines.filter { $0.contains(#""recording":"#) }.count == (left > 200 ? 2 : 1))
      if left == 0 {
        var player = try Player(Recording(path: path))
        #expect(player.seek(.end, at: 0)?.snapshot.sessions == 3)
      }
    }
  }

  @Test("a file that is moved away is left alone, and the new one is a whole recording")
  func rotated() throws {
    try AOSTopFixture.withPath { path in
      let recorder = try FedRecorder(path: path)
      _ = recorder.record(.snapshot(try AOSTopFixture.snapshot()), at: 0)
      try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
      try AOSTopFixture.save("", to: path)
      let told = recorder.record(.change(try AOSTopFixture.change(2)), at: 2_000)
      #expect(told == .running("the file was gone; recording goes on in a new one: \(path)"))
      for file in [path, path + ".1"] { _ = try Recording(path: file) }
      var player = try Player(Recording(path: path))
      #expect(player.seek(.end, at: 0)?.snapshot.sessions == 2)
    }
  }

  @Test(
    "a recording never goes to the program's own output, by whatever name",
    arguments: [
      "-", "/dev/stdout", "/dev/stderr", "/dev/stdin", "/dev/fd/1", "/dev/fd/7",
      "/proc/self/fd/1", "//dev//stdout", "/proc/thread-self/fd/2", "/proc/\(getpid())/fd/2",
    ])
  func ownOutput(path: String) {
    #expect { _ = try FedRecorder(path: path) } throws: { error in
      let words = (error as? RecordingFile.Trouble)?.description
      return words?.contains("an open file of this program") == true
    }
  }

  @Test("nor to the file that its output goes to, nor to a pipe or a folder")
  func outputFile() async throws {
    let folder = NSTemporaryDirectory() + "aostop-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let top = Program.path("aostop")
    for (words, reason) in [
      ("\(top) --stream --record out unix:///nobody >out", "an open file of this program"),
      ("\(top) --record error unix:///nobody 2>error >/dev/null", "an open file of this program"),
      (
        "ln -s /dev/stdout link; \(top) --record link unix:///nobody | cat",
        "an open file of this program"
      ),
      ("mkfifo pipe; \(top) --record pipe unix:///nobody </dev/null | cat", "it is a pipe"),
      ("\(top) --record . unix:///nobody | cat", "Is a directory"),
      ("\(top) --replay . --json", "it is a folder"),
    ] {
      let script = "cd \(folder) && set -o pipefail; (\(words)) 2>&1; [ -f error ] && cat error"
      let run = try await Program.run("/bin/bash", ["-c", script])
      #expect(run.output.contains(reason), "\(words): \(run.output)")
      try? FileManager.default.removeItem(atPath: folder + "/error")
    }
  }

  @Test("a recording that tools of Windows have touched is added to")
  func windows() throws {
    try AOSTopFixture.withPath { path in
      try AOSTopFixture.write(path, seconds: 2)
      let text = try AOSTopFixture.text(path).replacingOccurrences(of: "\n", with: "\r\n")
      try AOSTopFixture.save("\u{FEFF}" + text, to: path)
      try AOSTopFixture.write(path, seconds: 4)
      let recording = try Recording(path: path)
      #expect(recording.complaint == nil)
      #expect(recording.pictures.count == 2)
    }
  }

  @Test("a folder that vanishes stops the recording; when it is back it goes on")
  func folder() throws {
    try AOSTopFixture.withPath { path in
      let recorder = try FedRecorder(path: path)
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
      _ = recorder.record(.snapshot(try AOSTopFixture.snapshot()), at: 0)
      try FileManager.default.removeItem(at: folder)
      let told = recorder.record(.change(try AOSTopFixture.change(2)), at: 2_000)
      #expect(told == .stopped("not recording: \(path): No such file or directory"))
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      #expect(recorder.record(.change(try AOSTopFixture.change(3)), at: 3_000) == nil)
      let again = recorder.record(.change(try AOSTopFixture.change(8)), at: 8_000)
      #expect(again == .running("recording goes on: \(path)"))
      var player = try Player(Recording(path: path))
      #expect(player.seek(.end, at: 0)?.snapshot.sessions == 8)
    }
  }

  @Test("another balancer's feed begins with a header of its own")
  func failover() throws {
    try AOSTopFixture.withPath { path in
      let recorder = try FedRecorder(path: path)
      for name in ["LB1", "LB1", "LB2"] {
        _ = recorder.record(.snapshot(try AOSTopFixture.snapshot(balancer: name)), at: 0)
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

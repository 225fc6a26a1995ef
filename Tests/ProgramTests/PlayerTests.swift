import ClusterModel
import Dashboard
import Foundation
import ProgramSupport
import Testing

@testable import Recordings

@Suite("Replaying")
struct PlayerTests {
  /// A player of a recording whose text was tampered with.
  private static func player(
    seconds: Int = 10, _ tamper: (String) -> String = { $0 }
  ) throws -> (Player, Recording) {
    try AOSTopFixture.withPath { path in
      try AOSTopFixture.write(path, seconds: seconds)
      try AOSTopFixture.save(tamper(try AOSTopFixture.text(path)), to: path)
      let recording = try Recording(path: path)
      return (try Player(recording), recording)
    }
  }

  private static func time(_ second: Int) -> Timestamp {
    AOSTopFixture.start.adding(milliseconds: Int64(second) * 1_000)
  }

  @Test("it begins at the beginning; steps, times and the end are found")
  func moves() throws {
    var (player, _) = try Self.player()
    #expect(player.opening()?.snapshot.sessions == 0)
    #expect(player.seek(.forth(), at: 0)?.snapshot.sessions == 1)
    #expect(player.seek(.forth(), at: 0)?.at == Self.time(2))
    #expect(player.seek(.back(), at: 0)?.snapshot.sessions == 1)
    #expect(player.seek(.time(Self.time(7)), at: 0)?.snapshot.sessions == 7)
    #expect(player.seek(.time(Self.time(-90)), at: 0)?.isFirst == true)
    let end = player.seek(.end, at: 0)
    #expect(end?.snapshot.sessions == 10)
    #expect(end?.isLast == true)
    #expect(player.seek(.forth(), at: 0)?.snapshot.sessions == 10)
    #expect(player.seek(.time(Self.time(0)), at: 0)?.snapshot.sessions == 0)
    #expect(player.seek(.back(), at: 0)?.isFirst == true)
  }

  @Test("[ and ] are steps, and the screen marks what they changed; a leap is not a step")
  func steps() throws {
    var (player, _) = try Self.player()
    #expect(player.opening()?.isStep == false)
    #expect(player.seek(.forth(), at: 0)?.isStep == true)
    #expect(player.seek(.back(), at: 0)?.isStep == true)
    #expect(player.seek(.time(Self.time(7)), at: 0)?.isStep == false)
    #expect(player.seek(.end, at: 0)?.isStep == false)
  }

  @Test("CRLF and byte order marks are read, at the border of two files as well")
  func windows() throws {
    var (player, recording) = try Self.player { text in
      let one = "\u{FEFF}" + text.replacingOccurrences(of: "\n", with: "\r\n")
      return one + one
    }
    #expect(recording.faultyLines == 0)
    #expect(player.opening()?.note == nil)
    #expect(player.seek(.time(Self.time(7)), at: 0)?.snapshot.sessions == 7)
  }

  @Test("lines of a later release are skipped, and reported with their numbers")
  func laterRelease() throws {
    let at = #"{"at":"2026-03-01T10:42:10.000Z","#
    let odd = at + #""weather":{"sky":"blue"}}"# + "\n"
    let header =
      at + #""recording":{"format":2,"cluster":"P","balancer":"B","program":"9"}}"# + "\n"
    let strange = at + #""snapshot":{"everything":"else"}}"# + "\n"
    var (player, recording) = try Self.player { text in
      let whole = text.split(separator: "\n", maxSplits: 4).map(String.init)
      return whole[..<4].map { $0 + "\n" }.joined() + odd + whole[4] + header + strange + strange
    }
    #expect(
      recording.remarks
        == "4 lines were written by a later release and are skipped, the first is line 5")
    #expect(recording.faultyLines == 0)
    #expect(player.seek(.end, at: 0)?.snapshot.sessions == 10)
  }

  @Test("fields that a later release added to a line are skipped")
  func laterFields() throws {
    var (player, recording) = try Self.player {
      $0.replacingOccurrences(of: #""sequence":"#, with: #""moonPhase":[1,{"a":null}],"sequence":"#)
    }
    #expect(recording.complaint == nil)
    #expect(player.seek(.end, at: 0)?.snapshot.sessions == 10)
  }

  @Test("the second of two recordings in one file is read too; an older one is reported")
  func concatenated() throws {
    var (player, recording) = try Self.player { text in
      text + text.replacingOccurrences(of: "T10:", with: "T12:")
    }
    #expect(recording.remarks == nil)
    #expect(player.seek(.end, at: 0)?.at == Self.time(7_210))
    let (_, older) = try Self.player { text in
      text + text.replacingOccurrences(of: "T10:", with: "T08:")
    }
    #expect(
      older.remarks
        == "from line 13 on the recording is older than before; its times are not shown")
  }

  @Test(
    "what another program has made of a recording is named",
    arguments: [
      ([0x1F, 0x8B, 8], "gzip"), ([0x28, 0xB5, 0x2F, 0xFD], "zstd"),
      ([0xFF, 0xFE, 0x7B], "UTF-16"),
      ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"),
    ] as [([UInt8], String)])
  func otherFormats(start: [UInt8], name: String) throws {
    try AOSTopFixture.withPath { path in
      try Data(start + [10, 10]).write(to: URL(fileURLWithPath: path))
      #expect { _ = try Recording(path: path) } throws: { error in
        (error as? RecordingFile.Trouble)?.description.contains(name) == true
      }
    }
  }

  @Test("it finds its way in a long recording, from any place to any other")
  func long() throws {
    var (player, recording) = try Self.player(seconds: 2_000)
    #expect(recording.pictures.count > 2)
    for second in [1_999, 3, 1_000, 999, 1_500, 0, 2_000] {
      #expect(player.seek(.time(Self.time(second)), at: 0)?.snapshot.sessions == second)
    }
  }

  @Test("it runs at real speed, stands still when asked, and ends by itself")
  func runs() throws {
    var (player, _) = try Self.player()
    #expect(player.nextDeadline == nil)
    #expect(player.seek(.toggleRun, at: 5_000)?.isRunning == true)
    #expect(player.nextDeadline == 6_000)
    #expect(player.advance(at: 6_000)?.snapshot.sessions == 1)
    let between = player.advance(at: 7_500)
    #expect(between?.snapshot.sessions == 2)
    #expect(between?.at == Self.time(2).adding(milliseconds: 500))
    #expect(player.seek(.toggleRun, at: 7_600)?.isRunning == false)
    #expect(player.nextDeadline == nil)
    #expect(player.advance(at: 9_000) == nil)
    _ = player.seek(.toggleRun, at: 20_000)
    let end = player.advance(at: 90_000)
    #expect(end?.snapshot.sessions == 10)
    #expect(end?.isRunning == false)
    #expect(end?.isLast == true)
  }

  @Test(
    "a last line that lacks its end alone is read, and blanks around lines do not count",
    arguments: ["", "\n\n", " \t\n", "\r\n \n"])
  func noEnd(start: String) throws {
    var (player, recording) = try Self.player {
      start + $0.dropLast().replacingOccurrences(of: "\n", with: " \t\n")
    }
    #expect(player.seek(.end, at: 0)?.snapshot.sessions == 10)
    #expect(recording.complaint == nil)
  }

  @Test("a last line that was cut off anywhere is skipped", arguments: [2, 3, 30, 100])
  func truncated(bytes: Int) throws {
    var (player, recording) = try Self.player { String($0.dropLast(bytes)) }
    #expect(player.seek(.end, at: 0)?.snapshot.sessions == 9)
    #expect(recording.complaint == "line 12 cannot be read and is skipped")
  }

  @Test("garbage is skipped with a count, and the first line of it is named")
  func garbage() throws {
    var (player, recording) = try Self.player { text in
      var lines = text.split(separator: "\n").map(String.init)
      lines[5] = "\u{1b}]0;owned\u{7} \u{0}"
      lines.insert("{\"at\":\"2026-03-01T10:42:99.000Z\",\"change\":{}}", at: 8)
      lines.insert("", at: 9)
      return lines.joined(separator: "\n") + "\n"
    }
    #expect(
      recording.complaint == "2 lines cannot be read and are skipped, the first is line 6")
    #expect(player.seek(.end, at: 0)?.snapshot.sessions == 10)
  }

  @Test(
    "a recording whose beginning was cut off or overwritten begins where it can be read",
    arguments: ["", "\u{0}\u{0}\u{0}", "ng\":{\"format\":1,\"cluster\":\"P\"}}\n"])
  func cutBeginning(start: String) throws {
    var (player, recording) = try Self.player { text in
      start + text.drop { $0 != "\n" }.dropFirst()
    }
    let complaint = start.isEmpty ? nil : "line 1 cannot be read and is skipped"
    #expect(recording.complaint == (start.first == "\u{0}" ? nil : complaint))
    #expect(player.seek(.end, at: 0)?.snapshot.sessions == 10)
  }

  @Test("a wrong line is reported when it is reached")
  func wrongLine() throws {
    var (player, _) = try Self.player { text in
      text.replacingOccurrences(
        of: #"{"at":"2026-03-01T10:42:09.000Z","change":{"#,
        with: #"{"at":"2026-03-01T10:42:09.000Z","change":{"at":7,"#)
    }
    #expect(player.seek(.forth(), at: 0)?.note == "line 4 cannot be read and was skipped")
    #expect(player.seek(.forth(), at: 0)?.snapshot.sessions == 3)
  }

  @Test("times that run backwards do not: what is told counts all the same")
  func backwards() throws {
    var (player, recording) = try Self.player { text in
      text.replacingOccurrences(
        of: #"{"at":"2026-03-01T10:42:12"#, with: #"{"at":"2020-03-01T10:42:12"#)
    }
    #expect(recording.first == Self.time(0))
    #expect(player.seek(.time(Self.time(4)), at: 0)?.snapshot.sessions == 5)
    #expect(player.seek(.end, at: 0)?.at == Self.time(10))
  }

  @Test("kinds of later versions are skipped")
  func later() throws {
    var (player, recording) = try Self.player { text in
      text + #"{"at":"2026-03-01T10:43:00.000Z","weather":{"sun":true}}"# + "\n"
    }
    #expect(recording.complaint == nil)
    #expect(player.seek(.end, at: 0)?.snapshot.sessions == 10)
  }

  @Test("a picture that cannot be read is one less")
  func picture() throws {
    var (player, recording) = try Self.player(seconds: 1_500) { text in
      var lines = text.split(separator: "\n").map(String.init)
      let places = lines.indices.filter { lines[$0].contains(#""snapshot":"#) }
      for place in places.dropFirst() { lines[place] = String(lines[place].dropLast(9)) + "}" }
      return lines.joined(separator: "\n") + "\n"
    }
    #expect(recording.pictures.count > 1)
    #expect(player.seek(.end, at: 0)?.snapshot.sessions == 1_500)
  }

  @Test(
    "what is not a recording is refused with the file, the line and the reason",
    arguments: [
      ("", "the file is empty"), ("hello\n", "line 1: this is not a recording of aostop"),
      ("\u{0}\u{0}", "line 1: this is not a recording of aostop"),
      (
        #"{"at":"2026-03-01T10:42:07.000Z","recording":"#
          + #"{"format":9,"cluster":"P","balancer":"B","program":"9"}}"# + "\n",
        "line 1: format 9; this aostop reads format 1"
      ),
      (
        #"{"at":"2026-03-01T10:42:07.000Z","recording":"#
          + #"{"format":1,"cluster":"P","balancer":"B","program":"9"}}"# + "\n",
        "there is no picture of a cluster in it"
      ),
    ])
  func refused(content: String, reason: String) throws {
    try AOSTopFixture.withPath { path in
      try AOSTopFixture.save(content, to: path)
      #expect { _ = try Recording(path: path) } throws: { error in
        (error as? RecordingFile.Trouble)?.description == reason
      }
    }
  }

  @Test("a missing file or a device is reported", arguments: ["/nowhere/at/all", "/dev/zero"])
  func missing(path: String) {
    #expect(throws: RecordingFile.Trouble.self) { _ = try Recording(path: path) }
  }

  @Test("a line longer than any is skipped, without being kept")
  func endless() throws {
    var (player, recording) = try Self.player { text in
      text + String(repeating: "x", count: 40 << 20) + "\n"
        + #"{"at":"2026-03-01T10:43:00.000Z","weather":1}"# + "\n"
    }
    #expect(recording.complaint == "line 13 cannot be read and is skipped")
    #expect(player.seek(.end, at: 0)?.snapshot.sessions == 10)
  }

  @Test("any damage is survived", arguments: UInt64(1)...30)
  func damaged(seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    try AOSTopFixture.withPath { path in
      try AOSTopFixture.write(path, seconds: 20)
      var bytes = Array(try AOSTopFixture.text(path).utf8)
      for _ in 0..<Int.random(in: 1...40, using: &random) {
        bytes[Int.random(in: 300..<bytes.count, using: &random)] =
          UInt8.random(in: 0...255, using: &random)
      }
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      guard let recording = try? Recording(path: path), var player = try? Player(recording) else {
        return
      }
      let wishes: [Seek] = [
        .forth(), .back(), .end, .toggleRun, .time(Self.time(5)),
        .time(Timestamp(milliseconds: .min)),
      ]
      for step in 0..<40 {
        guard let wish = wishes.randomElement(using: &random) else { continue }
        #expect(player.seek(wish, at: Int64(step) * 300) != nil)
        _ = player.advance(at: Int64(step) * 300 + 200)
      }
    }
  }
}

import ClusterClient
import ClusterModel
import Foundation
import SmallFiles
import Testing

@testable import AOSControl
@testable import ProgramSupport

@Suite("Small files, as people and their tools write them")
struct SmallFileTests {
  /// How a tool may write a text.
  enum Form: String, CaseIterable, CustomTestStringConvertible {
    case plain, noLineEnd, crlf, mark, utf16LittleEndian, utf16BigEndian, blanks

    var testDescription: String { rawValue }

    func bytes(_ text: String) -> [UInt8] {
      let lines = text.replacingOccurrences(of: "\n", with: "\r\n") + "\r\n"
      return switch self {
      case .plain: Array("\(text)\n".utf8)
      case .noLineEnd: Array(text.utf8)
      case .crlf: Array(lines.utf8)
      case .mark: [0xEF, 0xBB, 0xBF] + lines.utf8
      case .utf16LittleEndian:
        [0xFF, 0xFE] + lines.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
      case .utf16BigEndian:
        [0xFE, 0xFF] + lines.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
      case .blanks: Array(" \n\t\(text) \n\n".utf8)
      }
    }
  }

  @Test("a pipe that nobody writes to is empty, and keeps no program waiting")
  func pipe() throws {
    let path = NSTemporaryDirectory() + "pipe-\(UUID().uuidString)"
    try #require(mkfifo(path, 0o600) == 0)
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(try SmallFile.bytes(of: path, field: "file", atMost: 10) == [])
  }

  private static func withFile<Result>(
    _ bytes: [UInt8], mode: Int = 0o600, _ body: (String) throws -> Result
  ) throws -> Result {
    let path = NSTemporaryDirectory() + "small-\(UUID().uuidString)"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
  }

  @Test("a token, a key and a license are read in every form", arguments: Form.allCases)
  func words(form: Form) throws {
    let words = try Self.withFile(form.bytes("aos_hush-1.2")) { path in
      [
        try SmallFile(path, field: "--x", atMost: 100).word(), try TokenFile(path).read(),
        try TextFile.word(in: path),
      ]
    }
    #expect(words == ["aos_hush-1.2", "aos_hush-1.2", "aos_hush-1.2"])
  }

  @Test("settings are read in every form", arguments: Form.allCases)
  func settings(form: Form) throws {
    let bytes = form.bytes("{\n  \"sort\": \"load\"\n}")
    let file = try Self.withFile(bytes) { path in
      try SettingsFile(path: path, program: "aostop", settings: [Setting("sort")])
    }
    #expect(file.values.count == 1)
  }

  @Test(
    "an error in a file is reported with its path and its line, without its content",
    arguments: [
      (Array("a\nb\nhush\u{FF}".utf8).dropLast(2) + [0xFF], "line 3 is not UTF-8"),
      ([0xFF, 0xFE, 0x41], "is not UTF-16, as its byte order mark says"),
      ([0xFF, 0xFE, 0x00, 0xD8], "is not UTF-16, as its byte order mark says"),
      ([UInt8](repeating: 0x68, count: 101), "is longer than 100 bytes"),
      (Array("two hush".utf8), "must hold one word and nothing else"),
      ([], "must hold one word and nothing else"),
    ] as [([UInt8], String)])
  func faults(bytes: [UInt8], words: String) throws {
    try Self.withFile(bytes) { path in
      let fault = #expect(throws: InvalidValue.self) {
        try SmallFile(path, field: "--x", atMost: 100).word()
      }
      #expect(fault?.complaint.hasPrefix(path) == true)
      #expect(fault?.complaint.hasSuffix(words) == true)
      #expect(fault?.complaint.contains("hush") == false)
    }
  }

  @Test(
    "what is not a file at all is refused, and an endless one is read no further than its limit",
    arguments: [
      ("/nowhere/at/all", "cannot read /nowhere/at/all: No such file or directory"),
      ("/tmp", "cannot read /tmp: Is a directory"),
      ("/dev/zero", "/dev/zero is longer than 100 bytes"),
    ])
  func noFile(path: String, words: String) {
    let fault = #expect(throws: InvalidValue.self) {
      try SmallFile(path, field: "--x", atMost: 100)
    }
    #expect(fault == InvalidValue(field: "--x", complaint: words))
  }

  @Test(
    "a secret that everybody can read or write is refused before it is read",
    arguments: [
      (0o604, "chmod 600"), (0o601, "chmod 600"), (0o644, "chmod 600"), (0o666, "chmod o-w"),
    ])
  func open(mode: Int, advice: String) throws {
    try Self.withFile(Array("hush".utf8), mode: mode) { path in
      let fault = #expect(throws: InvalidValue.self) {
        try SmallFile(path, as: .token, field: "--token-file", atMost: 1)
      }
      #expect(fault?.complaint.hasSuffix("\(advice) \(path)") == true)
    }
  }

  @Test(
    "a binary certificate or key is called so, and what is wanted instead",
    arguments: [
      [0x30, 0x03, 0x02, 0x01, 0xFF], [0x30, 0x81, 0x80] + [UInt8](repeating: 0xFF, count: 128),
      [0x30, 0x82, 0x01, 0x00] + [UInt8](repeating: 0x80, count: 256),
    ] as [[UInt8]])
  func binary(bytes: [UInt8]) throws {
    try Self.withFile(bytes) { path in
      let fault = #expect(throws: InvalidValue.self) {
        try SmallFile(path, field: "--tls-certificate", atMost: 1_000)
      }
      #expect(
        fault?.complaint.hasPrefix("\(path) is binary (DER or PKCS #12) and must be text: PEM")
          == true)
    }
    // One byte more, and it is a text with a fault.
    try Self.withFile(bytes + [0xFF]) { path in
      let fault = #expect(throws: InvalidValue.self) {
        try SmallFile(path, field: "--tls-certificate", atMost: 1_000)
      }
      #expect(fault?.complaint == "\(path): line 1 is not UTF-8")
    }
  }

  @Test("an empty path names no file")
  func noPath() {
    let fault = #expect(throws: InvalidValue.self) { try SmallFile("", field: "--x", atMost: 9) }
    #expect(fault == InvalidValue(field: "--x", complaint: "an empty path names no file"))
  }

  @Test("a comment in settings is named with its line", arguments: ["// x", "# x", "/* x */"])
  func comment(text: String) throws {
    let bytes = Array("{\n  \(text)\n  \"sort\": \"load\"\n}".utf8)
    try Self.withFile(bytes) { path in
      let fault = #expect(throws: SettingsFailure.self) {
        try SettingsFile(path: path, program: "aostop", settings: [Setting("sort")])
      }
      #expect(fault?.description == "--config: \(path): line 2 is a comment, and JSON has none")
    }
  }
}

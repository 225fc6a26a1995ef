import Foundation
import Testing

@testable import ProgramSupport

@Suite("A new file for a secret")
struct NewFileTests {
  private func inFolder(_ body: (String) throws -> Void) throws {
    let folder = "/tmp/aosn-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  private func names(in folder: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder)
  }

  /// What file systems without hard links answer; nil: one that has them.
  static let answers: [CInt?] = [nil, EPERM, ENOSYS, EOPNOTSUPP, EMLINK]

  private func finish(_ file: NewFile, _ answer: CInt?) throws {
    guard let answer else { return try file.finish() }
    try file.finish { _, _ in
      errno = answer
      return -1
    }
  }

  @Test("is put into its place on file systems of every kind", arguments: answers)
  func placed(answer: CInt?) throws {
    try inFolder { folder in
      let path = "\(folder)/token"
      let file = try NewFile(making: path, mode: 0o600)
      try file.write(Array("secret".utf8))
      #expect(!FileManager.default.fileExists(atPath: path), "it is whole or not there")
      try finish(file, answer)
      #expect(try names(in: folder) == ["token"])
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "secret")
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
    }
  }

  @Test("replaces nothing that somebody has put there meanwhile", arguments: answers)
  func meanwhile(answer: CInt?) throws {
    try inFolder { folder in
      let path = "\(folder)/token"
      let file = try NewFile(making: path, mode: 0o600)
      try file.write(Array("secret".utf8))
      try Data("theirs".utf8).write(to: URL(filePath: path))
      #expect(throws: ProgramFailure(.wrongInput, "\(path): File exists")) {
        try finish(file, answer)
      }
      file.remove()
      #expect(try names(in: folder) == ["token"])
      #expect(try String(contentsOfFile: path, encoding: .utf8) == "theirs")
    }
  }

  @Test("that cannot be put there leaves nothing, and the reason is told")
  func refused() throws {
    try inFolder { folder in
      let path = "\(folder)/token"
      let file = try NewFile(making: path, mode: 0o600)
      #expect(throws: ProgramFailure(.wrongInput, "\(path): Input/output error")) {
        try finish(file, EIO)
      }
      file.remove()
      // Somebody has taken the file away: the name that was claimed is given back.
      #expect(throws: ProgramFailure(.wrongInput, "\(path): No such file or directory")) {
        try finish(file, EPERM)
      }
      #expect(try names(in: folder) == [])
    }
  }

  @Test(
    "tells what others can do with it on a file system without permissions",
    arguments: [
      (0o100_755, 0o600, "read"), (0o100_644, 0o600, "read"), (0o100_640, 0o600, "read"),
      (0o100_660, 0o600, "read and write"), (0o100_777, 0o600, "read and write"),
      (0o100_602, 0o600, "write"), (0o100_777, 0o644, "write"),
      (0o100_700, 0o600, nil), (0o100_400, 0o600, nil), (0o100_755, 0o644, nil),
    ] as [(mode_t, mode_t, String?)])
  func open(found: mode_t, wanted: mode_t, others: String?) {
    #expect(NewFile.others(found, beyond: wanted) == others)
  }
}

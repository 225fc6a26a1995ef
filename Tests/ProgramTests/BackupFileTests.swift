import Foundation
import ProgramSupport
import ScriptedServer
import Testing

@Suite("The file of a backup", .timeLimit(.minutes(2)))
struct BackupFileTests {
  private func inFolder(_ body: (String) async throws -> Void) async throws {
    let folder = "/tmp/aosf-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await body(folder)
  }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  private func make(_ path: String) throws {
    let file = try NewFile(making: path, mode: 0o600, replacing: true)
    try file.write(Array("new".utf8))
    try file.finish()
  }

  @Test("only a regular file is replaced: a pipe, a directory and what a link leads to stay")
  func otherKinds() async throws {
    try await inFolder { folder in
      #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
      #expect(mkdir("\(folder)/inner", 0o700) == 0)
      #expect(symlink("pipe", "\(folder)/link") == 0)
      #expect(symlink("nothing", "\(folder)/loose") == 0)
      let before = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      for (name, words) in [
        ("pipe", "is a pipe"), ("inner", "is a directory"), ("link", "is a pipe"),
        ("loose", "leads nowhere"),
      ] {
        let failure = #expect(throws: ProgramFailure.self) { try make("\(folder)/\(name)") }
        #expect(failure?.status == .wrongInput)
        #expect(failure?.lines.first?.contains(words) == true, "\(failure?.lines ?? [])")
      }
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == before)
    }
  }

  @Test("a symbolic link stays, and the regular file that it leads to is replaced")
  func link() async throws {
    try await inFolder { folder in
      try Data("old".utf8).write(to: URL(filePath: "\(folder)/file"))
      #expect(symlink("file", "\(folder)/link") == 0)
      try make("\(folder)/link")
      #expect(try text("\(folder)/file") == "new")
      let names = try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
      #expect(names == ["file", "link"])
      #expect(
        try FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/link") == "file")
    }
  }

  @Test("a path that can name no file is refused before there is anything to put into it")
  func noName() async throws {
    try await inFolder { folder in
      for isReplacing in [false, true] {
        #expect(throws: ProgramFailure(.wrongInput, "an empty path names no file")) {
          _ = try NewFile(making: "", mode: 0o600, replacing: isReplacing)
        }
        let path = "\(folder)/new/"
        #expect(throws: ProgramFailure(.wrongInput, "\(path): names a directory, not a file")) {
          _ = try NewFile(making: path, mode: 0o600, replacing: isReplacing)
        }
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      #expect(names == [])
    }
  }

  @Test("without --force nothing is replaced, a link that leads nowhere included")
  func notReplacing() async throws {
    try await inFolder { folder in
      try Data("old".utf8).write(to: URL(filePath: "\(folder)/file"))
      #expect(symlink("nothing", "\(folder)/loose") == 0)
      for name in ["file", "loose"] {
        #expect(throws: ProgramFailure(.wrongInput, "\(folder)/\(name): File exists")) {
          _ = try NewFile(making: "\(folder)/\(name)", mode: 0o600)
        }
      }
      #expect(try text("\(folder)/file") == "old")
    }
  }

  @Test("a signal that ends a backup leaves nothing of it", arguments: [SIGINT, SIGTERM, SIGHUP])
  func ended(signal: Int32) async throws {
    try await inFolder { folder in
      let asked = AsyncStream.makeStream(of: Never.self)
      try await ScriptedServer.run { _, reply in
        try await reply.raw("HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nSQLite format 3")
        asked.continuation.finish()
        try await reply.hang()
      } _: { server in
        let process = try AOSControlProcess(
          ["backup", "\(folder)/copy", "--balancer", "\(server.endpoint)"])
        for await _ in asked.stream {}
        process.send(signal)
        #expect(await process.finish().status == -1)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == [])
      }
    }
  }
}

import Foundation
import Testing

@Suite("A file with garbage in it", .timeLimit(.minutes(3)))
struct GarbageFileTests {
  private static let instance = [
    "instance", "--name", "A", "--listen", "127.0.0.1:0", "--max-clients", "1",
    "--state-directory", "FOLDER/state",
  ]
  private static let balancer = [
    "balancer", "--listen", "127.0.0.1:0", "--socket", "FOLDER/a.sock",
  ]

  /// Lines on which FILE stands for the file.
  private static let lines: [[String]] = [
    ["aosd"] + balancer + ["--database", "sqlite:FILE"],
    ["aosd"] + balancer + ["--database", "sqlite:FOLDER/a.db", "--license-key", "FILE"],
    ["aosd"] + balancer + ["--database", "sqlite:FOLDER/a.db", "--ca-file", "FILE"],
    ["aosd"] + balancer
      + ["--database", "sqlite:FOLDER/a.db", "--tls-certificate", "FILE", "--tls-key", "FILE"],
    ["aosd"] + balancer + ["--config", "FILE"],
    ["aosd"] + instance + ["--cluster-key", "FILE"],
    ["aosd"] + instance + ["--ca-file", "FILE"],
    ["aosd"] + instance + ["--config", "FILE"],
    ["aosd"] + instance + ["--tls-certificate", "FILE", "--tls-key", "FILE"],
    ["aosd"] + instance + ["--join", "https://127.0.0.1:9", "--token-file", "FILE"],
    ["aosd"] + instance + ["--state-directory", "FILE"],
    ["aosd"] + instance + ["--socket", "FILE"],
    ["aostop", "--once", "--ca-file", "FILE", "https://127.0.0.1:9"],
    ["aostop", "--once", "--token-file", "FILE", "https://127.0.0.1:9"],
    ["aostop", "--once", "--config", "FILE", "https://127.0.0.1:9"],
    ["aostop", "--once", "--replay", "FILE"],
    ["aosctl", "status", "--ca-file", "FILE", "--balancer", "https://127.0.0.1:9"],
    ["aosctl", "status", "--token-file", "FILE", "--balancer", "https://127.0.0.1:9"],
    ["aosctl", "config", "check", "FILE"], ["aosctl", "connect", "--config", "FILE"],
    ["aosctl", "license", "install", "FILE", "--balancer", "unix:///no/such.sock"],
    [
      "aosctl", "license", "issue", "--key", "FILE", "--holder", "h", "--cluster", "C", "--seats",
      "1", "--days", "1",
    ],
  ]

  @Test("is refused in plain words that name it", arguments: lines)
  func refused(line: [String]) async throws {
    let folder = "/tmp/aos-garbage-\(UUID().uuidString.prefix(8))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = "\(folder)/garbage"
    let garbage: [[UInt8]] = [
      Array("two words {\n".utf8), (0..<4_096).map { UInt8(truncatingIfNeeded: $0 &* 7) },
      Array("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n".utf8),
    ]
    for bytes in garbage {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
      chmod(path, 0o600)
      let words = line.map {
        $0.replacingOccurrences(of: "FILE", with: path)
          .replacingOccurrences(of: "FOLDER", with: folder)
      }
      let run = try await Program.run(
        Program.path(words[0]), Array(words.dropFirst()), environment: ["HOME": folder])
      #expect(run.status == 1 || line.contains("install"), "\(words): \(run.error)")
      #expect(run.error.contains(path) || line.contains("install"), "\(run.error)")
      PlainWords.check(run.error)
      PlainWords.check(run.output)
    }
  }
}

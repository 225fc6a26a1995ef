import ArgumentParser
import ClusterModel
import Foundation
import Testing

@testable import AOSDaemon

@Suite("make install puts everything in its place, and make uninstall takes it away")
struct InstallTests {
  private static let house = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// Installs what the build has made for the tests into a folder, and hands it over.
  private func installed(_ test: (URL) async throws -> Void) async throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "install-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try await script(folder)
    try await test(folder)
  }

  private func script(_ folder: URL, _ arguments: [String] = []) async throws {
    let build = URL(fileURLWithPath: Program.path("aosd")).deletingLastPathComponent().path
    var environment = ProcessInfo.processInfo.environment
    environment.merge(["DESTDIR": folder.path, "PREFIX": "/opt/aos", "BUILD": build]) { $1 }
    let result = try await Program.run(
      Self.house.appendingPathComponent("Scripts/install").path, arguments,
      environment: environment)
    try #require(result.status == 0, "\(result.error)")
  }

  private func files(below folder: URL) -> [String] {
    let found = FileManager.default.enumerator(
      at: folder, includingPropertiesForKeys: [.isRegularFileKey])
    return (found?.compactMap { $0 as? URL } ?? [])
      .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true }
      .map { String($0.path.dropFirst(folder.path.count)) }.sorted()
  }

  @Test("programs, manual pages, completions of three shells and unit files")
  func everything() async throws {
    try await installed { folder in
      let programs = ["aosctl", "aosd", "aostop"]
      let expected = programs.flatMap { program in
        [
          "bin/\(program)", "share/man/man1/\(program).1",
          "share/bash-completion/completions/\(program)",
          "share/zsh/site-functions/_\(program)",
          "share/fish/vendor_completions.d/\(program).fish",
        ]
      }
      let units = [
        "lib/systemd/system/aosd-balancer@.service",
        "lib/systemd/system/aosd-instance@.service", "lib/sysusers.d/aos.conf",
      ]
      #expect(
        files(below: folder) == (expected + units).map { "/opt/aos/\($0)" }.sorted())
      try await script(folder, ["--remove"])
      #expect(files(below: folder) == [])
    }
  }

  @Test("each unit starts its daemon as the command line takes it, where it was installed")
  func units() async throws {
    try await installed { folder in
      for (daemon, id) in [("balancer", "LB1"), ("instance", "AOS01")] {
        let unit = try String(
          contentsOf: folder.appendingPathComponent(
            "opt/aos/lib/systemd/system/aosd-\(daemon)@.service"), encoding: .utf8)
        let lines = unit.split(separator: "\n").map(String.init)
        let start = try #require(lines.first { $0.hasPrefix("ExecStart=") })
        let words = start.dropFirst("ExecStart=".count)
          .replacingOccurrences(of: "%i", with: id).split(separator: " ").map(String.init)
        #expect(words.first == "/opt/aos/bin/aosd")
        #expect(lines.contains("Type=notify"))
        #expect(words.suffix(2) == ["--config", "/etc/aos/\(id).json"])
        // The file is the operator's; without it the line must be whole but for what it holds.
        let given = ["--listen", "127.0.0.1:0"]
        let size = daemon == "instance" ? ["--max-clients", "1"] : []
        _ = try Main.parseAsRoot(words.dropFirst().dropLast(2) + given + size)
      }
    }
  }

  @Test("a balancer that left its cluster is not started again")
  func expelled() async throws {
    try await installed { folder in
      let unit = try String(
        contentsOf: folder.appendingPathComponent(
          "opt/aos/lib/systemd/system/aosd-balancer@.service"), encoding: .utf8)
      #expect(unit.contains("\nRestart=on-failure\n"))
      #expect(unit.contains("\nRestartPreventExitStatus=3\n"))
    }
  }

  @Test("packages of a state that is not released have a version between two releases")
  func packageVersion() async throws {
    var environment = ProcessInfo.processInfo.environment
    environment["BUILD"] =
      URL(fileURLWithPath: Program.path("aosd")).deletingLastPathComponent().path
    environment["REVISION"] = "7"
    let result = try await Program.run(
      Self.house.appendingPathComponent("Scripts/deb").path, ["--version"],
      environment: environment)
    let version = result.output.trimmingCharacters(in: .newlines)
    let release = ProgramVersion.current
    #expect(result.status == 0, "\(result.error)")
    #expect(version.hasPrefix(release) && version.hasSuffix("-7"))
    guard version != "\(release)-7" else { return }
    for (relation, other) in [("gt", "\(release)-9"), ("lt", "\(release).1-1")] {
      let run = try await Program.run(
        "/usr/bin/dpkg", ["--compare-versions", version, relation, other])
      #expect(run.status == 0, "\(version) \(relation) \(other)")
    }
  }
}

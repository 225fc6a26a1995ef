import Testing

@Suite("The version") struct VersionTests {
  /// What `--version` prints, read in its source.
  private static func current() throws -> String {
    let path = "Sources/ClusterModel/ProgramVersion.swift"
    let file = try #require(House.shared.files.first { $0.path == path })
    let line = try #require(file.lines.first { $0.contains("static let current") })
    return try #require(line.split(separator: "\"").dropFirst().first.map(String.init))
  }

  @Test("of the programs is that of the newest release in CHANGELOG")
  func release() throws {
    let file = try #require(House.shared.files.first { $0.path == "CHANGELOG.md" })
    let newest = try #require(
      file.lines.first { $0.hasPrefix("## ") && $0 != "## Unreleased" })
    #expect(newest.hasPrefix("## \(try Self.current()) ("))
  }

  @Test("of the document of the HTTP interface is that of the programs")
  func document() throws {
    let file = try #require(House.shared.files.first { $0.path == "Documentation/openapi.yaml" })
    let version = try Self.current()
    #expect(file.lines.contains("  version: \(version)"))
  }
}

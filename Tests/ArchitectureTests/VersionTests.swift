import Testing

@Suite("The version") struct VersionTests {
  /// What `--version` prints, read in its source.
  private static func current() throws -> String {
    let path = "Sources/ClusterModel/ProgramVersion.swift"
    let file = try #require(House.shared.files.first { $0.path == path })
    let line = try #require(file.lines.first { $0.contains("static let current") })
    return try #require(line.split(separator: "\"").dropFirst().first.map(String.init))
  }

  @Test("ends with -dev as long as CHANGELOG has something that is not released")
  func unreleased() throws {
    let file = try #require(House.shared.files.first { $0.path == "CHANGELOG.md" })
    let newest = try #require(file.lines.first { $0.hasPrefix("## ") })
    let version = try Self.current()
    if version.hasSuffix("-dev") {
      #expect(newest == "## Unreleased")
      #expect(!file.lines.contains { $0.hasPrefix("## \(version.dropLast(4)) ") })
    } else {
      #expect(newest.hasPrefix("## \(version) ("))
    }
  }

  @Test("of the document of the HTTP interface is that of the programs")
  func document() throws {
    let file = try #require(House.shared.files.first { $0.path == "Documentation/openapi.yaml" })
    let version = try Self.current()
    #expect(file.lines.contains("  version: \(version)"))
  }
}

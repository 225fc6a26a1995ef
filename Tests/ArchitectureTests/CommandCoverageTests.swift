import Testing

/// Every chapter of every document that shows something to type: the test that runs it, or the
/// reason why none does.
@Suite("Commands in documents")
struct CommandCoverageTests {
  enum Proof {
    /// The tests that run the commands, as `Suite.function`.
    case tests([String])
    /// Why nothing runs them, or that they are not commands.
    case none(String)

    static func test(_ names: String...) -> Proof { .tests(names) }
  }

  struct Chapter: Hashable, CustomStringConvertible {
    var document: String
    var title: String

    init(_ document: String, _ title: String) {
      self.document = document
      self.title = title
    }

    var description: String { "\(document): \(title)" }
  }

  static let proofs: [(Chapter, Proof)] = [
    (Chapter("ARCHITECTURE.md", "Bird's eye"), .none("a drawing")),
    (Chapter("ARCHITECTURE.md", "Floors"), .none("a drawing")),
    (Chapter("DECISIONS.md", "Tests and tools"), .none("a program that the compiler gets wrong")),
    (
      Chapter("HACKING.md", "What you need"),
      .none("installs a compiler's packages; was followed on a fresh Debian")
    ),
    (Chapter("HACKING.md", "Build"), .none("CI builds by the same commands")),
    (Chapter("HACKING.md", "Test"), .none("would run the tests within the tests")),
    (Chapter("HACKING.md", "Form"), .none("`make test` begins with `make lint`")),
    (Chapter("HACKING.md", "One seed"), .none("SwiftPM runs no second command beside the tests")),
    (
      Chapter("HACKING.md", "The public library"),
      .none("serves pages for a browser; `LibraryTests` builds what they show")
    ),
    (Chapter("HACKING.md", "Debug logs"), .none("leaves daemons behind; the options are checked")),
    (
      Chapter("HACKING.md", "Your first change: a column"),
      .none("changes the sources; was followed by hand")
    ),
    (Chapter("README.md", "Two commands"), .none("CI runs one, `AOSTopDemoTests` the demo")),
    (Chapter("README.md", "Quick start"), .test("GuideTests.quickStart")),
    (
      Chapter("README.md", "Taking a server out of service"),
      .test("AdministratorGuideTests.drain")
    ),
    (
      Chapter("README.md", "Put your own server behind it"),
      .test("AdministratorGuideTests.ownServer")
    ),
    (Chapter("Documentation/BACKUP.md", ""), .test("BackupPageTests.sqlite")),
    (Chapter("Documentation/BACKUP.md", "SQLite"), .test("BackupPageTests.sqlite")),
    (Chapter("Documentation/BACKUP.md", "PostgreSQL"), .test("BackupPageTests.postgres")),
    (
      Chapter("Documentation/MONITORING.md", "Connect Prometheus"),
      .test("AdministratorGuideTests.smallOnes")
    ),
    (
      Chapter("Documentation/OPERATE.md", "aostop in detail"),
      .none("keys and settings, which the suites of the dashboard cover")
    ),
    (Chapter("Documentation/RELIABILITY.md", "Simulated clusters"), .none("what a run printed")),
    (Chapter("Documentation/RELIABILITY.md", "Killed at random"), .none("what a run printed")),
    (
      Chapter("Documentation/RUN.md", "Install"),
      .none("needs systemd and root: `make test-deb` installs and starts the units")
    ),
    (
      Chapter("Documentation/RUN.md", "Several balancers"),
      .none("needs systemd; the settings are checked")
    ),
    (
      Chapter("Documentation/RUN.md", "PostgreSQL"),
      .none("needs the system's database server; the tests start their own")
    ),
    (Chapter("Documentation/RUN.md", "TLS and tokens"), .test("AdministratorGuideTests.tokens")),
    (
      Chapter("Documentation/RUN.md", "Servers without a token"),
      .test("AdministratorGuideTests.withoutToken")
    ),
    (Chapter("Documentation/RUN.md", "Licenses"), .test("AdministratorGuideTests.licenses")),
    (
      Chapter("Documentation/RUN.md", "Services behind HAProxy"), .test("ServicesTests.accepted")
    ),
    (Chapter("Documentation/RUN.md", "Stop and restart"), .none("opens an editor")),
    (Chapter("Documentation/RUN.md", "Backup"), .test("AdministratorGuideTests.smallOnes")),
    (
      Chapter("Documentation/RUN.md", "Upgrade"),
      .none("needs packages and systemd: `make test-deb` upgrades")
    ),
    (Chapter("Documentation/TRAFFIC.md", ""), .none("a drawing")),
    (Chapter("Documentation/TRAFFIC.md", "Name the application"), .test("TrafficTests.curl")),
    (
      Chapter("Documentation/TRAFFIC.md", "Reach it"),
      .test(
        "TrafficTests.curl", "TrafficTests.socat", "TrafficTests.netcat",
        "TrafficTests.proxiedGRPC")
    ),
    (
      Chapter("Documentation/TRAFFIC.md", "Through a port of your own machine"),
      .test("DatabaseTrafficTests.psql")
    ),
    (Chapter("Documentation/TRAFFIC.md", "As the proxy of ssh"), .test("TrafficTests.ssh")),
    (
      Chapter("Sources/ClusterClient/ClusterClient.docc/GettingStarted.md", "Overview"),
      .none("Swift code, which `LibraryTests` compares with the examples that are built")
    ),
    (
      Chapter("examples/README.md", "Clients in other languages"), .test("ExampleTests.ended")
    ),
    (Chapter("examples/README.md", "Programs in Swift"), .test("ExampleTests.operates")),
  ]

  /// GuideTests follows these, and checks that it has them all.
  private static let followed = "Documentation/OPERATE.md"

  /// The chapters with a line that is set in by four blanks, or with a fenced block.
  static func chapters(of document: String, _ lines: [String]) -> [Chapter] {
    var (title, found) = ("", [Chapter]())
    var isFenced = false
    for line in lines {
      let isFence = line.hasPrefix("```")
      if isFence { isFenced.toggle() }
      if !isFenced, line.hasPrefix("## ") { title = String(line.dropFirst(3)) }
      let chapter = Chapter(document, title)
      let isCode = isFence || line.hasPrefix("    ") && line.contains { $0 != " " }
      if isCode, found.last != chapter { found.append(chapter) }
    }
    return found
  }

  @Test("each chapter with commands names the test that runs them, or why none does")
  func complete() {
    let documents = House.shared.files.filter { $0.path.hasSuffix(".md") }
    #expect(documents.count > 15)
    let found = documents.flatMap { Self.chapters(of: $0.path, $0.lines) }
      .filter { $0.document != Self.followed || $0.title == "aostop in detail" }
    #expect(Set(found) == Set(Self.proofs.map(\.0)))
    #expect(Self.proofs.count == Set(Self.proofs.map(\.0)).count)
  }

  @Test("the tests that run commands exist")
  func named() {
    let files = House.shared.swift.filter { $0.path.hasPrefix("Tests/") }
    let known = Set(files.flatMap { NamedTests.functions(in: $0.lines) })
    let named = Self.proofs.flatMap { _, proof -> [String] in
      guard case .tests(let names) = proof else { return [] }
      return names
    }
    #expect(named.filter { !known.contains($0) } == [])
  }
}

import Foundation
import Testing

/// Follows the guides: every command of a chapter, in its order, on a machine of its own.
@Suite("The guides", .timeLimit(.minutes(5)))
struct GuideTests {
  private static let operate = "Documentation/OPERATE.md"

  /// What must be so before a chapter begins, and after it.
  struct Chapter: Sendable, CustomTestStringConvertible {
    var title: String
    var before = ":"
    /// Words of `aosctl status`, each line of them in one row.
    var after: [String] = []
    /// Words of `aosctl actions`.
    var actions: [String] = []

    var testDescription: String { title }
  }

  static let chapters = [
    Chapter(title: "The first five minutes", after: ["AOS01.*accepting", "AOS02.*accepting"]),
    Chapter(
      title: "Planned maintenance", after: ["AOS01.*accepting"],
      actions: ["drain .*AOS01.*kernel update", "enable .*AOS01.*kernel update done"]),
    Chapter(
      title: "Rolling restart", after: ["AOS01.*accepting"],
      actions: ["drain .*AOS01.*rolling restart", "drain .*AOS02.*rolling restart"]),
    Chapter(
      title: "A lost instance",
      before: """
        kill -9 $(cat AOS02.pid); rm AOS02.pid
        until aosctl status | grep -q 'AOS02 *unreachable'; do sleep 0.05; done
        """,
      after: ["AOS01.*accepting"], actions: ["remove .*AOS02"]),
    Chapter(
      title: "Too few license seats", before: "aosctl license seats 1",
      after: ["seats 1 of 1", "AOS02.*unlicensed"]),
    Chapter(title: "Finding a user", after: ["AOS01.*accepting"]),
    Chapter(
      title: "What happened last night", before: "aosctl drain AOS01 --reason 'late shift'",
      after: ["AOS01.*drained"]),
    Chapter(
      title: "Restarting a whole cluster", after: ["AOS01.*accepting"],
      actions: ["drain .*AOS02.*new release"]),
  ]

  @Test("every command of OPERATE.md does what the page says", arguments: chapters)
  func operate(chapter: Chapter) async throws {
    let blocks = try GuidePage(Self.operate).blocks(in: chapter.title)
    #expect(!blocks.isEmpty)
    try await GuideMachine.run { machine in
      try await machine.expect(chapter.before)
      for block in blocks {
        // A recorder that was just started has not written yet.
        if block.contains("--replay") {
          try await machine.expect("until [ -s night.feed ]; do sleep 0.05; done")
        }
        try await machine.expect(block)
      }
      for words in chapter.after { try await machine.until("aosctl status", holds: words) }
      for words in chapter.actions { try await machine.until("aosctl actions", holds: words) }
    }
  }

  @Test("the test follows every chapter of OPERATE.md that has commands")
  func all() throws {
    let rest = ["The programs", "aostop in detail"]
    #expect(
      try GuidePage(Self.operate).chapters.filter { !rest.contains($0) }
        == Self.chapters.map(\.title))
  }

  @Test("the quick start of the README starts a cluster and opens a session in it")
  func quickStart() async throws {
    let lines = try Self.commands(of: "Quick start")
    let daemons = lines.filter { $0.hasPrefix("aosd ") }
    #expect(daemons.count == 3)
    try await GuideMachine.run([:]) { machine in
      try await machine.expect("systemctl stop aosd-balancer@LB1")
      for (place, line) in daemons.enumerated() {
        try await Self.start(Self.own(line, on: machine, place), "q\(place)", on: machine)
      }
      for server in ["AOS01", "AOS02"] {
        try await machine.until("aosctl handshake", holds: server)
      }
      let port = try machine.address(of: "q1")
      let curl = try #require(lines.first { $0.hasPrefix("curl ") })
        .replacing(/127\.0\.0\.1:\d+/, with: port)
      try await machine.expect("\(curl) >curl.out 2>&1 & echo $! >curl.pid")
      try await machine.until("aosctl sessions AOS01", holds: "ana")
      let connect = try #require(lines.first { $0.hasPrefix("aosctl connect ") })
        .replacing(/LB1@127\.0\.0\.1:\d+/, with: "LB1@\(try machine.address(of: "q0"))")
      #expect(try await machine.expect("\(connect) --hold 0").contains("is open at AOS02"))
      #expect(try await machine.expect("aostop").contains("AOS01"))
    }
  }

  @Test("the README's web server is reached through a session")
  func ownServer() async throws {
    let lines = try Self.commands(of: "Put your own server behind it")
    try #require(lines.count == 5)
    let application = " --application 127.0.0.1:8000"
    #expect(lines[0].hasSuffix(" --bind 127.0.0.1 8000") && lines[2].hasSuffix(application))
    #expect(lines[3].hasSuffix(" --forward 8080") && lines[4].hasSuffix(":8080/"))
    try await GuideMachine.run([:]) { machine in
      try await machine.expect("systemctl stop aosd-balancer@LB1; touch found-through-a-session")
      try await Self.start(
        "PYTHONUNBUFFERED=1 \(lines[0].dropLast(4))0", "web", until: "^Serving", on: machine)
      let port = try await machine.expect("sed 's/.* port \\([0-9]*\\).*/\\1/' web.ready")
        .trimmingCharacters(in: .whitespacesAndNewlines)
      try await Self.start(Self.own(lines[1], on: machine, 0), "q0", on: machine)
      let instance = Self.own(String(lines[2].dropLast(application.count)), on: machine, 1)
      try await Self.start(
        "\(instance) --application 127.0.0.1:\(port)", "q1", on: machine)
      try await machine.until("aosctl handshake", holds: "AOS01")
      let connect = lines[3].replacing(/127\.0\.0\.1:\d+/, with: try machine.address(of: "q0"))
      try await Self.start(
        "\(connect.dropLast(4))0", "forward", until: "^forwarding", on: machine)
      let curl = "curl -sS $(sed -n 's/^forwarding from //p' forward.ready)"
      #expect(try await machine.expect(curl).contains("found-through-a-session"))
      try await machine.until("aosctl sessions AOS01", holds: "ana")
    }
  }

  /// The commands of a chapter of the README, without the words after them.
  private static func commands(of chapter: String) throws -> [String] {
    try GuidePage("README.md").blocks(in: chapter).flatMap { $0.components(separatedBy: "\n") }
      .map { $0.components(separatedBy: "   #")[0].trimmingCharacters(in: .whitespaces) }
  }

  /// Starts a program that goes on, and waits until it says that it is ready.
  private static func start(
    _ line: String, _ name: String, until words: String = "^ready", on machine: GuideMachine
  ) async throws {
    try await machine.expect(
      """
      \(line) >\(name).ready 2>\(name).log &
      echo $! >\(name).pid
      until grep -q '\(words)' \(name).ready; do [ -e /proc/$!/exe ]; sleep 0.05; done
      """)
  }

  /// A daemon of the page, with a port and folders of this test instead of those of the page.
  private static func own(_ line: String, on machine: GuideMachine, _ place: Int) -> String {
    let own = line.replacing(/127\.0\.0\.1:\d+/, with: "127.0.0.1:0")
      .replacingOccurrences(of: "/run/aos/balancer.sock", with: machine.socket)
    let folder = "\(machine.folder)/q\(place)"
    return own.hasPrefix("aosd balancer")
      ? "\(own) --listen 127.0.0.1:0 --socket \(machine.socket) --database sqlite:\(folder).db"
      : "\(own) --state-directory \(folder)"
  }
}

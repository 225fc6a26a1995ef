import Foundation
import Testing

/// Follows the chapters for administrators that need no systemd, no other machine and no user of
/// their own: as they are, but for ports, names of hosts and folders.
@Suite("The guides for administrators", .timeLimit(.minutes(4)))
struct AdministratorGuideTests {
  private static let run = "Documentation/RUN.md"

  /// The blocks of a chapter that hold commands. Settings begin with a brace or a quote.
  private static func commands(_ chapter: String, of page: String = run) throws -> [String] {
    try GuidePage(page).blocks(in: chapter).filter { !"{\"".contains($0.first ?? "{") }
  }

  /// A page's instance, in the background with a port of its own, and its address.
  private static func start(
    _ line: String, as name: String, on machine: GuideMachine
  ) async throws -> String {
    try await machine.expect(
      """
      \(line) --state-directory \(machine.folder)/\(name) >\(name).ready 2>\(name).log &
      echo $! >\(name).pid
      until grep -q ^ready \(name).ready; do [ -e /proc/$!/exe ]; sleep 0.05; done
      """)
    return try machine.address(of: name)
  }

  @Test("an operator and an instance on other machines use their tokens over TLS")
  func tokens() async throws {
    let blocks = try Self.commands("TLS and tokens").map {
      $0.replacing("lb1.example", with: "localhost")
    }
    try #require(blocks.count == 4)
    try await GuideMachine.run(
      settings: { machine in
        try await machine.expect(blocks[0])
        return .init(
          balancer: """
            , "tls-certificate": "\(machine.folder)/lb1.crt", "tls-key": "\(machine.folder)/lb1.key"
            """)
      }
    ) { machine in
      let place = "localhost:\(try machine.address(of: "LB1").split(separator: ":")[1])"
      try await machine.expect(blocks[1])
      let aostop = blocks[2].replacing("localhost:2712", with: place)
      #expect(try await machine.expect(aostop).contains("AOS01"))
      let lines = blocks[3].replacing("localhost:2712", with: place)
        .replacing("10.0.0.7:2713", with: "127.0.0.1:0").components(separatedBy: "\n")
      try #require(lines.count == 2)
      try await machine.expect(lines[0])
      _ = try await Self.start(lines[1], as: "AOS07", on: machine)
      try await machine.until("aosctl handshake", holds: "AOS07")
    }
  }

  @Test("an operator adds a server that knows the cluster's key and has no token")
  func withoutToken() async throws {
    let lines = try Self.commands("Servers without a token")
      .flatMap { $0.components(separatedBy: "\n") }
    try #require(lines.count == 3)
    try await GuideMachine.run { machine in
      try await machine.expect(lines[0])
      let place = "10.0.0.5:2712"
      let address = try await Self.start(
        lines[1].replacing(place, with: "127.0.0.1:0"), as: "AOS03", on: machine)
      try await machine.expect(lines[2].replacing(place, with: address))
      try await machine.until("aosctl handshake", holds: "AOS03")
    }
  }

  @Test("a licensor issues a license, and the cluster installs it")
  func licenses() async throws {
    let blocks = try Self.commands("Licenses")
    try #require(blocks.count == 3)
    try await GuideMachine.run(
      settings: { machine in
        try await machine.expect(blocks[1])
        return .init(
          balancer: """
            , "cluster": "PROD", "license-key": "\(machine.folder)/licensor.pub"
            """)
      }
    ) { machine in
      try await machine.expect(blocks[0])
      #expect(try await machine.expect(blocks[2]).contains("Example Ltd"))
    }
  }

  @Test("a server is drained and enabled as the README says")
  func drain() async throws {
    try await GuideMachine.run { machine in
      for block in try Self.commands("Taking a server out of service", of: "README.md") {
        try await machine.expect(block)
      }
      try await machine.until("aosctl actions", holds: "enable .*AOS01")
    }
  }

  @Test("the README's web server is reached through a session")
  func ownServer() async throws {
    let lines = try Self.commands("Put your own server behind it", of: "README.md")
      .flatMap { $0.components(separatedBy: "\n") }
    try #require(lines.count == 5)
    let web = try Daemon(
      "/usr/bin/env",
      ["python3", "-u"]
        + lines[0].split(separator: " ").dropFirst().map {
          $0 == "8000" ? "0" : String($0)
        })
    let port = try #require(await web.line().firstMatch(of: /port (\d+)/)?.1)
    try await GuideMachine.run([:]) { machine in
      let application = lines[2].replacing(/127\.0\.0\.1:2713/, with: "127.0.0.1:0")
        .replacing("127.0.0.1:8000", with: "127.0.0.1:\(port)")
        .replacing("/run/aos/balancer.sock", with: machine.socket)
      _ = try await Self.start(application, as: "AOS01", on: machine)
      try await machine.until("aosctl handshake", holds: "AOS01")
      let forward = lines[3].replacing(
        "127.0.0.1:2712", with: try machine.address(of: "LB1")
      ).replacing("8080", with: "0")
      try await machine.expect("\(forward) >forward.out 2>forward.err & echo $! >forward.pid")
      try await machine.until("cat forward.out forward.err", holds: "127.0.0.1:[0-9]")
      let local = try await machine.expect(
        "sed -n 's/.*forwarding from //p' forward.out"
      ).trimmingCharacters(in: .newlines)
      let answer = try await machine.expect(
        lines[4].replacing("127.0.0.1:8080", with: local))
      #expect(answer.contains("<html"))
    }
  }

  @Test("a backup and a token for Prometheus are made as their pages say")
  func smallOnes() async throws {
    let blocks =
      try Self.commands("Backup")
      + Self.commands("Connect Prometheus", of: "Documentation/MONITORING.md")
    try await GuideMachine.run(
      ["AOS01": 5],
      settings: { .init(servers: ", \"socket\": \"\($0.folder)/AOS01.sock\"") }
    ) { machine in
      for block in blocks {
        try await machine.expect(
          block.replacing("/var/backups", with: machine.folder)
            .replacing("/run/aos", with: machine.folder))
      }
      try await machine.expect("[ -s aos.backup ] && [ -s aos.token ]")
      try await machine.expect("grep -q aos_session_bytes_total AOS01.prom")
    }
  }
}

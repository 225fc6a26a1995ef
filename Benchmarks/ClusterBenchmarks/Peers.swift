internal import Glibc
internal import RealPrograms

/// Programs of others, where they are installed.
enum Peers {
  /// The path of a program; nil where it is missing.
  static func path(of name: String) -> String? {
    let folders = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
    return (folders + ":/usr/sbin").split(separator: ":").map { "\($0)/\(name)" }
      .first { access($0, X_OK) == 0 }
  }

  /// A port that nobody listens on now, for programs that cannot choose one themselves.
  static func freePort() throws -> Int { try LoopbackSocket().bindToFreePort() }
}

/// A running HAProxy: a peer of the balancer and of an instance, and what HATop watches.
final class HAProxy {
  let child: Child
  let port: Int
  let statsSocket: String

  /// - Parameters:
  ///   - servers: Lines of its statistics.
  ///   - answer: A file whose bytes it answers every request with.
  /// - Returns: Nil where HAProxy is not installed.
  convenience init?(servers: Int, answer: String? = nil, in folder: ScratchFolder) throws {
    let rule = answer.map {
      #"http-request return status 200 content-type "application/json" file "\#($0)""#
    }
    let lines = (0..<servers).map { "server AOS\($0 + 1) 127.0.0.1:9" }
    try self.init(
      mode: "http", connections: 4_096, rule: rule ?? "default_backend servers", servers: lines,
      in: folder)
  }

  /// Leads every connection to one port, whatever it carries.
  ///
  /// - Parameter connections: At one time; fewer where the machine allows it fewer files.
  /// - Returns: Nil where HAProxy is not installed.
  convenience init?(leadingTo port: Int, connections: Int, in folder: ScratchFolder) throws {
    // It wants two files for each and some more, and does not start where it cannot have them.
    let possible = (Programs.mostFiles - 200) / 2
    try self.init(
      mode: "tcp", connections: min(connections + 100, possible),
      rule: "default_backend servers", servers: ["server application 127.0.0.1:\(port)"],
      in: folder)
  }

  private init?(
    mode: String, connections: Int, rule: String, servers: [String], in folder: ScratchFolder
  ) throws {
    guard let path = Peers.path(of: "haproxy") else { return nil }
    port = try Peers.freePort()
    statsSocket = folder.path("haproxy-\(port).sock")
    let text = """
      global
        stats socket \(statsSocket) mode 600 level admin
        maxconn \(connections)
      defaults
        mode \(mode)
        maxconn \(connections)
        timeout connect 5s
        timeout client 60s
        timeout server 60s
      frontend clients
        bind 127.0.0.1:\(port)
        \(rule)
      backend servers
      \(servers.map { "  " + $0 }.joined(separator: "\n"))

      """
    let file = folder.path("haproxy-\(port).cfg")
    try FileText.write(text, to: file)
    child = try Child(path, ["-db", "-f", file], in: folder)
    for _ in 0..<200 where access(statsSocket, F_OK) != 0 { SteadyClock.wait(seconds: 0.02) }
  }
}

/// One run of wrk, which asks for handshakes on 64 connections.
struct Wrk {
  private let path: String
  private let script: String
  private let folder: ScratchFolder

  struct Outcome {
    var perSecond: Double
    var requests: Int
    var bytesEach: Double
  }

  /// - Parameter limit: Servers that each handshake asks for; nil: all.
  /// - Returns: Nil where wrk is not installed.
  init?(in folder: ScratchFolder, limit: Int? = nil) throws {
    guard let path = Peers.path(of: "wrk") else { return nil }
    self.path = path
    self.folder = folder
    script = folder.path("handshake\(limit ?? 0).lua")
    let body = limit.map { Visitor.body.dropLast() + ",\"limit\":\($0)}" } ?? Visitor.body
    let text = """
      wrk.method = "POST"
      wrk.body = '\(body)'
      wrk.headers["Content-Type"] = "application/json"

      """
    try FileText.write(text, to: script)
  }

  /// - Throws: `ProgramFailure` when an answer was not a success.
  func run(_ place: String, seconds: Int) throws -> Outcome {
    let url = "http://\(place)/v1/handshake"
    let child = try Child(
      path, ["-t1", "-c64", "-d\(seconds)s", "-s", script, url], in: folder)
    let text = try child.rest()
    guard !text.contains("Non-2xx"), let rate = FileText.word(after: "Requests/sec:", in: text),
      let perSecond = Double(rate),
      let line = text.split(separator: "\n").first(where: { $0.contains(" requests in ") }),
      let requests = Int(line.drop { $0 == " " }.prefix { $0.isNumber })
    else { throw ProgramFailure("wrk says: \(text)") }
    return Outcome(
      perSecond: perSecond, requests: requests, bytesEach: Self.bytes(in: line) / Double(requests))
  }

  /// `35520 requests in 2.00s, 389.53MB read`
  private static func bytes(in line: Substring) -> Double {
    guard let word = line.split(separator: " ").dropLast().last else { return 0 }
    let units = ["KB": 1_024.0, "MB": 1_048_576, "GB": 1_073_741_824]
    return (Double(word.prefix { $0.isNumber || $0 == "." }) ?? 0)
      * (units[String(word.suffix(2))] ?? 1)
  }
}

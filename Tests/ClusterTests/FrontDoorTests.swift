import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import TestSupport
import Testing

/// What HTTP itself asks of a server, through real sockets, at both daemons.
@Suite("The front door", .timeLimit(.minutes(3)))
struct FrontDoorTests {
  /// The first word of a request that only tells who is there, without its fields.
  private static let hello = "GET /livez HTTP/1.1\r\n"

  /// A request whose head breaks a rule of HTTP, and what it is answered.
  struct Head: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var text: String
    var status: Int
    var isRequiredLocally = true

    init(_ name: String, _ text: String, _ status: Int = 400, isRequiredLocally: Bool = true) {
      (testDescription, self.text, self.status) = (name, text, status)
      self.isRequiredLocally = isRequiredLocally
    }
  }

  private static let post = "POST /v1/handshake HTTP/1.1\r\nHost: x\r\n"

  static let refused: [Head] = [
    Head("no Host", hello + "\r\n", isRequiredLocally: false),
    Head("two Hosts", hello + "Host: x\r\nHost: x\r\n\r\n"),
    Head("two Hosts in HTTP/1.0", "GET /livez HTTP/1.0\r\nHost: x\r\nhost: y\r\n\r\n"),
    Head("a Host with a blank", hello + "Host: a b\r\n\r\n"),
    Head("a Host with a path", hello + "Host: a/b\r\n\r\n"),
    Head("a Host with a user", hello + "Host: ana@a\r\n\r\n"),
    Head("a Host with half an address", hello + "Host: [::1\r\n\r\n"),
    Head("a Host with a port beyond all", hello + "Host: a:65536\r\n\r\n"),
    Head("a Host with a word for a port", hello + "Host: a:http\r\n\r\n"),
    Head("a Host beyond ASCII", hello + "Host: b\u{FC}ro\r\n\r\n"),
    Head("two lengths that agree", post + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
    Head("two lengths that differ", post + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
    Head("two lengths in one field", post + "Content-Length: 2, 2\r\n\r\n{}"),
    Head("a length with a sign", post + "Content-Length: +2\r\n\r\n{}"),
    Head(
      "a length and chunks",
      post + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    Head(
      "chunks and a length",
      post + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n"),
    Head(
      "chunks twice",
      post + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    Head("chunks and more", post + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"),
    Head("another encoding", post + "Transfer-Encoding: identity\r\n\r\n{}"),
    Head("an encoding like chunks", post + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
    Head(
      "chunks in HTTP/1.0",
      "POST /v1/handshake HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    Head("a blank before the colon", post + "Content-Length : 2\r\n\r\n{}"),
    Head("an unknown expectation", post + "Expect: 200-ok\r\nContent-Length: 2\r\n\r\n", 417),
    Head(
      "two expectations",
      post + "Expect: 100-continue\r\nExpect: more\r\nContent-Length: 2\r\n\r\n", 417),
    Head(
      "a tunnel with a body",
      "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\nContent-Length: 2\r\n\r\n{}"),
    Head(
      "a tunnel with chunks",
      "CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
  ]

  /// Runs a test at every door of both daemons: TCP, the Unix socket, and TCP with TLS.
  static func everyDoor(_ test: (_ door: RawConnection.Door) async throws -> Void) async throws {
    try await LiveCluster.run { cluster in
      try await test(.tcp(cluster.balancerAddress))
      try await test(.unix(path: cluster.socketPath))
    }
    try await InstanceFixture.run { fixture in
      try await test(.tcp(fixture.address))
      try await test(.unix(path: fixture.socketPath))
    }
    try await TestCertificate.withFolder { folder in
      let own = try TestCertificate(in: folder)
      try await LiveCluster.run(configure: { $0.tls = try own.identity }) { cluster in
        try await test(.tls(cluster.balancerAddress))
        try await test(
          .tls(try await cluster.start("AOS01", joins: false) { $0.tls = try own.identity }))
      }
    }
  }

  @Test("refuses a head that HTTP forbids, with a problem, and ends the connection")
  func refused() async throws {
    try await Self.everyDoor { door in
      for head in Self.refused where head.isRequiredLocally || !door.isLocal {
        // Behind it stands a request that would be answered, were it one.
        let outcome = try await RawConnection(door).exchange(
          head.text + "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        #expect(
          outcome.status.hasPrefix("HTTP/1.1 \(head.status) ")
            || outcome.status.hasPrefix("HTTP/1.0 \(head.status) "),
          "\(head.testDescription): \(outcome.received)")
        #expect(outcome.received.lowercased().contains("connection: close"))
        #expect(outcome.body.contains("urn:aos:problem:"), "\(head.testDescription)")
        let answers = outcome.received.components(separatedBy: "\r\n")
          .filter { $0.hasPrefix("HTTP/1.") }
        #expect(answers.count == 1, "\(head.testDescription): \(outcome.received)")
      }
    }
  }

  @Test("takes every Host that HTTP allows, and none over the Unix socket")
  func hosts() async throws {
    try await Self.everyDoor { door in
      var fields = ["", "x", "x:", "x:1", "[::1]:2712", "[fe80::1%25eth0]", "LB1.Example.com:2712"]
        .map { "Host: \($0)\r\n" }
      if door.isLocal { fields.append("") }
      for field in fields {
        let outcome = try await RawConnection(door).exchange(
          Self.hello + field + "Connection: close\r\n\r\n")
        #expect(outcome.status == "HTTP/1.1 200 OK", "\(field): \(outcome.received)")
      }
    }
  }

  @Test("answers HTTP/1.0 without a Host, without chunks, and closes, as nc and HAProxy want it")
  func oldest() async throws {
    try await Self.everyDoor { door in
      for path in ["/livez", "/openapi.yaml", "/nothing"] {
        let outcome = try await RawConnection(door).exchange("GET \(path) HTTP/1.0\r\n\r\n")
        #expect(outcome.status.hasPrefix("HTTP/1.0 "), "\(outcome.status)")
        let fields = outcome.received.components(separatedBy: "\r\n\r\n")[0].lowercased()
        #expect(!fields.contains("transfer-encoding"))
        #expect(fields.contains("connection: close"))
      }
    }
    try await LiveCluster.run { cluster in
      // A stream has no length: it lasts as long as the connection.
      let feed = try await RawConnection(.unix(path: cluster.socketPath)).converse([
        ("GET /v1/feed HTTP/1.0\r\n\r\n", "event: snapshot")
      ])
      #expect(!feed.lowercased().contains("transfer-encoding"), "\(feed.prefix(300))")
    }
  }

  @Test("says 100 Continue when the route reads the body, in the middle of requests without")
  func continues() async throws {
    try await Self.everyDoor { door in
      let plain = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
      let head = "POST /v1/handshake HTTP/1.1\r\nHost: x\r\nExpect: 100-Continue\r\n"
      for (fields, body) in [
        ("Content-Length: 17\r\n\r\n", #"{"kind":"client"}"#),
        ("Expect: , 100-continue\r\nContent-Length: 17\r\n\r\n", #"{"kind":"client"}"#),
        ("Transfer-Encoding: chunked\r\n\r\n", "11\r\n{\"kind\":\"client\"}\r\n0\r\n\r\n"),
      ] {
        let seen = try await RawConnection(door).converse([
          (plain, "\"version\""), (head + fields, "100 Continue\r\n\r\n"), (body, "}"),
          (plain, "\"version\""),
        ])
        let codes = seen.matches(of: /HTTP\/1.1 (\d+)/).map { String($0.1) }
        // At the balancer no server is there to be named.
        #expect([["200", "100", "200", "200"], ["200", "100", "503", "200"]].contains(codes))
      }
    }
  }

  @Test("says nothing of 100 where nobody reads the body, and ends the connection with the answer")
  func continuesNot() async throws {
    try await Self.everyDoor { door in
      for route in ["POST /livez", "POST /nothing", "GET /livez"] {
        let outcome = try await RawConnection(door).exchange(
          "\(route) HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
        #expect(!outcome.received.contains("100 Continue"), "\(outcome.received)")
        #expect(outcome.received.lowercased().contains("connection: close"), "\(route)")
      }
      // HTTP/1.0 knows no such thing, and a body that has arrived already waits for nothing.
      for request in [
        "POST /v1/handshake HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
        "POST /v1/handshake HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\n"
          + "Content-Length: 2\r\n\r\n{}",
      ] {
        let outcome = try await RawConnection(door).exchange(request)
        #expect(!outcome.received.contains("100 Continue"), "\(outcome.received)")
        #expect(outcome.body.contains("{"))
      }
    }
  }

  @Test("tells with 405, and when it is asked, which methods a path takes")
  func methods() async throws {
    try await Self.everyDoor { door in
      for (request, status, allowed) in [
        ("DELETE /livez", "405", "GET, HEAD, OPTIONS"),
        ("OPTIONS /livez", "204", "GET, HEAD, OPTIONS"),
        ("BREW /livez", "400", nil), ("OPTIONS /nothing", "404", nil), ("HEAD /livez", "200", nil),
      ] as [(String, String, String?)] {
        let outcome = try await RawConnection(door).exchange(
          "\(request) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        #expect(outcome.status.hasPrefix("HTTP/1.1 \(status)"), "\(request): \(outcome.received)")
        let line = outcome.received.components(separatedBy: "\r\n")
          .first { $0.lowercased().hasPrefix("allow:") }
        #expect(line?.split(separator: " ", maxSplits: 1).last.map(String.init) == allowed)
        let hasBody = !request.hasPrefix("HEAD") && status != "204"
        #expect(outcome.body.isEmpty != hasBody, "\(request)")
      }
    }
  }

  @Test("lets no web page do more than read, on any route of either daemon")
  func webPages() async throws {
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      for (connection, paths) in [
        (cluster.clients, ["/v1/handshake", "/v1/sessions"]),
        (
          try cluster.instance("AOS01"),
          ["/v1/handshake", "/v1/sessions", "/v1/sessions/x/activity"]
        ),
      ] {
        for (path, origin, type) in paths.flatMap({ path in
          ["http://localhost", "null", "https://evil.example"].flatMap { origin in
            ["text/plain", "application/json"].map { (path, origin, $0) }
          }
        }) {
          let body = RequestBody(contentType: type, bytes: Array(#"{"kind":"client"}"#.utf8))
          let answer = try await connection.raw(
            .post, path, body: body, headers: ["Origin": origin])
          #expect(answer.status == 403, "\(path) \(origin) \(type)")
          #expect(answer.failure.description.contains("Web pages"))
        }
      }
      let status = try await cluster.operators.status()
      #expect(status.instances.allSatisfy { $0.load.connected + $0.load.reserved == 0 })
      #expect(status.handshakes.total == 0)
    }
  }

  @Test("answers requests that come in one go one after the other, each once")
  func pipelined() async throws {
    try await Self.everyDoor { door in
      let requests = String(repeating: "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", count: 500)
      for isHalfClosed in [false, true] where !(isHalfClosed && door.isSecure) {
        let last = isHalfClosed ? "" : "GET /livez HTTP/1.0\r\n\r\n"
        let outcome = try await RawConnection(door, closesAfter: isHalfClosed)
          .exchange(requests + last)
        let answers = outcome.received.components(separatedBy: " 200 OK").count - 1
        #expect(answers == (isHalfClosed ? 500 : 501))
      }
    }
  }

  @Test("notices at once that a client has gone, even with requests behind an open session")
  func goneBehindSession() async throws {
    try await InstanceFixture.run { fixture in
      let body = #"{"kind":"client","user":"ana","computer":"pc1"}"#
      let open = "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.count)\r\n\r\n"
      let rest = String(repeating: "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n", count: 50)
      let seen = try await RawConnection(.tcp(fixture.address)).converse([
        (open + body + rest, "event: open")
      ])
      #expect(seen.contains("200 OK"))
      try await eventually("the session is gone", fixture.operators.ownSessions) {
        $0.isEmpty
      }
    }
  }
}

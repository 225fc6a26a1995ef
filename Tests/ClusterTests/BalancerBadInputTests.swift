import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import ServiceSupport
import Testing

/// What comes from outside is refused in words, changes nothing, and ends nothing.
@Suite("Bad input at the balancer", .timeLimit(.minutes(5)))
struct BalancerBadInputTests {
  @Test(
    "a wrong request gets its problem, and changes nothing",
    arguments: ["bodies", "fields", "rest"])
  func refused(kind: String) async throws {
    let kinds = [
      "bodies": BadRequest.noBodies, "fields": BadRequest.fields, "rest": BadRequest.rest,
    ]
    let requests = try #require(kinds[kind])
    try await LiveCluster.run { cluster in
      try await Self.nothingChanges(cluster) {
        for (number, request) in requests.enumerated() {
          // Joins of one id are limited in number, so each is of another.
          let path = request.path.replacing("/AOS07", with: "/AOS07-\(number)")
          let answer = try await cluster.operators.raw(
            request.method, path,
            body: request.body.map {
              RequestBody(contentType: request.type, bytes: Array($0.utf8))
            }, headers: request.headers)
          let problem = try? WireJSON.decode(Problem.self, from: answer.bytes)
          #expect(problem?.name == request.problem, "\(request): \(answer.status)")
          #expect(answer.status == request.problem.status, "\(request)")
          let text = String(decoding: answer.bytes, as: UTF8.self)
          #expect(!text.unicodeScalars.contains(where: PlainText.isForbidden), "\(request)")
        }
      }
    }
  }

  @Test("over TCP every route but the open ones is closed, whatever is sent")
  func closedOverTCP() async throws {
    try await LiveCluster.run { cluster in
      let routes = try DocumentTests.balancerRoutes()
      #expect(
        Set(routes.filter { $0.access == .open }.map { "\($0.method) \($0.path)" }) == [
          "POST /v1/handshake", "POST /v1/sessions", "GET /livez", "GET /readyz",
          "GET /openapi.yaml",
        ])
      try await Self.nothingChanges(cluster) {
        for route in routes where route.access != .open {
          let path = route.path.replacing(":id", with: "AOS01").replacing(":session", with: "x")
          let method = try #require(ClusterConnection.Method(rawValue: "\(route.method)"))
          for token in [[:], ["Authorization": "Bearer e30.e30.e30"], ["Authorization": "\t"]] {
            let answer = try await cluster.clients.raw(
              method, path, body: method == .get ? nil : try .json(["ids": ["AOS01"]]),
              headers: token)
            #expect([401, 403].contains(answer.status), "\(method) \(path)")
            #expect(answer.failure.isProblem, "\(method) \(path)")
          }
        }
      }
    }
  }

  @Test("a body of 10 MiB is refused on every route that takes one, and the balancer lives on")
  func longBodies() async throws {
    let body = RequestBody(
      contentType: "application/json", bytes: Array(repeating: UInt8(ascii: " "), count: 10 << 20))
    try await LiveCluster.run { cluster in
      try await Self.nothingChanges(cluster) {
        let routes = try DocumentTests.balancerRoutes().filter {
          // A balancer has no sessions, whatever the body says.
          ["POST", "PUT"].contains("\($0.method)") && $0.path != "/v1/sessions"
        }
        #expect(routes.count > 10)
        for route in routes {
          let method = try #require(ClusterConnection.Method(rawValue: "\(route.method)"))
          let path = route.path.replacing(":id", with: "AOS01")
          let answer = try await cluster.operators.raw(method, path, body: body)
          #expect(answer.status == 413, "\(method) \(path)")
        }
        let closed = try await cluster.clients.raw(.post, "/v1/drain", body: body)
        #expect(closed.status == 401)
      }
    }
  }

  @Test(
    "a body without an end is not read without end",
    arguments: [
      "POST /v1/handshake", "POST /v1/drain", "POST /v1/sessions", "GET /livez", "POST /nothing",
    ])
  func endlessBodies(route: String) async throws {
    try await LiveCluster.run { cluster in
      try await Self.nothingChanges(cluster) {
        let chunk = Array("4000\r\n\(String(repeating: " ", count: 0x4000))\r\n".utf8)
        let outcome = try await RawConnection(address: cluster.balancerAddress, filler: chunk)
          .exchange("\(route) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        #expect(outcome.received.hasPrefix("HTTP/1.1 "), "\(outcome.received.prefix(200))")
      }
    }
  }

  @Test(
    "what is not HTTP, or half of it, ends its connection and nothing else",
    arguments: RawInput.all)
  func noHTTP(input: RawInput) async throws {
    try await LiveCluster.run { cluster in
      try await Self.nothingChanges(cluster) {
        let connection = RawConnection(address: cluster.balancerAddress, closesAfter: true)
        let outcome = try await connection.exchange(input.bytes)
        #expect(
          outcome.received.isEmpty || outcome.received.hasPrefix("HTTP/1.1 4"),
          "\(outcome.received.prefix(200))")
      }
    }
  }

  /// Runs something, and holds the cluster before against the cluster after.
  private static func nothingChanges(
    _ cluster: LiveCluster, while body: () async throws -> Void
  ) async throws {
    try await cluster.start("AOS01")
    try await cluster.start("AOS02")
    let before = try await cluster.operators.status()
    try await body()
    let after = try await cluster.operators.status()
    #expect(after.balancer == before.balancer, "it is the same process")
    #expect(after.instances == before.instances)
    #expect(after.handshakeList == before.handshakeList)
    #expect(after.license == before.license)
    #expect(after.actions == before.actions)
    #expect(try await cluster.clients.livez().id.text == "LB1")
  }
}

extension ClientFailure {
  fileprivate var isProblem: Bool {
    if case .problem = self { true } else { false }
  }
}

/// Bytes that are not a request, or not a whole one.
struct RawInput: Sendable, CustomTestStringConvertible {
  var name: String
  var bytes: [UInt8]

  var testDescription: String { name }

  private init(_ name: String, _ text: String) {
    (self.name, bytes) = (name, Array(text.utf8))
  }

  static let all: [RawInput] = [
    RawInput("nothing", ""), RawInput("line ends", "\r\n\r\n\r\n\r\n"),
    RawInput("zeros", String(repeating: "\0", count: 4_096)),
    RawInput("a TLS hello", "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{FC}\u{3}\u{3}"),
    RawInput("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
    RawInput("another protocol", "SSH-2.0-OpenSSH_9.2\r\n"),
    RawInput("no version", "GET /livez\r\n\r\n"),
    RawInput("a version to come", "GET /v1/status HTTP/9.9\r\n\r\n"),
    RawInput("no method", " /livez HTTP/1.1\r\n\r\n"),
    RawInput("a header without a colon", "GET /v1/status HTTP/1.1\r\nHost\r\n\r\n"),
    RawInput("a zero in a header", "GET /v1/status HTTP/1.1\r\nHost: a\0b\r\n\r\n"),
    RawInput(
      "two lengths",
      "POST /v1/handshake HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n{}"),
    RawInput("a length below nothing", "POST /v1/handshake HTTP/1.1\r\nContent-Length: -1\r\n\r\n"),
    RawInput(
      "a length beyond counting",
      "POST /v1/handshake HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n"),
    RawInput(
      "a chunk of no size",
      "POST /v1/handshake HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    RawInput(
      "a flood of headers",
      "GET /v1/status HTTP/1.1\r\n"
        + (0..<100_000).map { "X-\($0): 1\r\n" }.joined() + "\r\n"),
    RawInput(
      "a long header",
      "GET /v1/status HTTP/1.1\r\nX: \(String(repeating: "x", count: 1 << 20))\r\n\r\n"),
    RawInput("a long path", "GET /\(String(repeating: "x", count: 1 << 20)) HTTP/1.1\r\n\r\n"),
    RawInput("half a request line", "GET /v1/sta"),
    RawInput("half a head", "POST /v1/handshake HTTP/1.1\r\nHost: x\r\n"),
    RawInput(
      "half a body",
      "POST /v1/handshake HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"kind\":"),
    RawInput(
      "half a chunk",
      "POST /v1/handshake HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n64\r\n{"),
    RawInput(
      "a request smuggled behind a refused one",
      "POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"
        + "POST /v1/enable HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}"),
  ]
}

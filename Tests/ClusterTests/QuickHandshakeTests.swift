import ClusterAPI
import ClusterModel
import Foundation
import TestSupport
import Testing

@testable import BalancerService

/// Handshakes that are answered where they are read, beside those that take the general way.
@Suite("A quick handshake", .timeLimit(.minutes(2)))
struct QuickHandshakeTests {
  private static func plain(_ text: String) -> PlainHandshake? {
    Array(text.utf8).withUnsafeBytes { PlainHandshake($0) }
  }

  static let plainBodies = [
    "", "{}", " { } ", #"{"kind":"client"}"#, #"{"kind":"batch","limit":16}"#,
    #"{"user":"ana","kind":"client","limit":1,"computer":"PC 7"}"#,
    "\t{\r\n \"limit\" : 10000 ,\n\"user\":\"~!#$%&'()*+,-./\" }\n",
    "{\"user\":\"\(String(repeating: "x", count: 128))\"}",
  ]

  @Test("is read as the decoder reads it", arguments: plainBodies)
  func plainBody(text: String) throws {
    let quick = try #require(Self.plain(text))
    let read =
      text.isEmpty
      ? HandshakeRequest() : try WireJSON.decode(HandshakeRequest.self, from: text.utf8)
    #expect(quick.kind == read.kind)
    #expect(quick.limit == read.limit)
  }

  static let unusualBodies = [
    " ", "{", "}", "[]", "null", "{}{}", "{},", "{,}", #"{"kind":"client",}"#, #"{"kind"}"#,
    #"{kind:"client"}"#, #"{"kind":"service"}"#, #"{"kind":"king"}"#, #"{"kind":null}"#,
    #"{"kind":7}"#, #"{"kind":"client","kind":"batch"}"#, #"{"later":1}"#, #"{"later":"x"}"#,
    #"{"user":""}"#, #"{"user":"a\u0062"}"#, #"{"user":"Jürgen"}"#, "{\"user\":\"a\tb\"}",
    "{\"user\":\"a\u{7F}\"}", "{\"user\":\"\(String(repeating: "x", count: 129))\"}",
    #"{"limit":0}"#, #"{"limit":016}"#, #"{"limit":-1}"#, #"{"limit":10001}"#, #"{"limit":1e1}"#,
    #"{"limit":1.0}"#, #"{"limit":"16"}"#, #"{"limit":}"#, #"{"limit":99999999999999999999}"#,
    "\u{FEFF}{}", "{}\0", #"{"user":" ana"}"#, #"{"computer":"PC "}"#,
  ]

  @Test(
    "is left to the decoder where it is unusual, be it right or wrong", arguments: unusualBodies)
  func unusualBody(text: String) {
    #expect(Self.plain(text) == nil)
  }

  @Test("is never read otherwise than the decoder reads it, whatever bytes it has")
  func mutatedBodies() {
    var random = SplitMix64(seed: 13)
    let pieces = [
      "{", "}", "\"", ":", ",", " ", "\\", "kind", "client", "batch", "user", "computer", "limit",
      "1", "0", "16", "-", ".", "\"kind\":\"client\"", "\"limit\":7", "\"user\":\"a\"", "ü", "\0",
    ]
    var read = 0
    for _ in 0..<20_000 {
      var text = "{"
      for _ in 0..<Int.random(in: 0...5, using: &random) {
        text += pieces[Int.random(in: 0..<pieces.count, using: &random)]
      }
      text += "}"
      guard let quick = Self.plain(text) else { continue }
      read += 1
      let decoded = try? WireJSON.decode(HandshakeRequest.self, from: text.utf8)
      #expect(decoded?.kind == quick.kind, "\(text)")
      #expect(decoded?.limit == quick.limit, "\(text)")
    }
    #expect(read > 100)
  }

  @Test("is answered as the general way answers it, byte for byte")
  func sameAnswer() async throws {
    // Without reservations one answer is like the next.
    try await LiveCluster.run(reservationSeconds: 0) { cluster in
      for number in 1...3 { try await cluster.start("AOS0\(number)") }
      try await cluster.until("all are listed") { $0.handshakeList.count == 3 }
      let doors: [RawConnection.Door] = [
        .tcp(cluster.balancerAddress), .unix(path: cluster.socketPath),
      ]
      for door in doors {
        for body in Self.plainBodies + Self.unusualBodies {
          let head =
            "POST /v1/handshake HTTP/1.1\r\nHost: x\r\nContent-Length: \(body.utf8.count)\r\n"
          // The answer to the next request shows that all of this one is there.
          let next = "GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
          let quick = try await RawConnection(door).converse([
            (head + "\r\n" + body + next, "\"version\"")
          ])
          // A connection that ends with its answer takes the general way.
          let general = try await RawConnection(door).exchange(
            head + "Connection: close\r\n\r\n" + body)
          #expect(Self.comparable(quick) == Self.comparable(general.received), "\(body)")
        }
      }
    }
  }

  /// Without what belongs to one answer alone.
  private static func comparable(_ answer: String) -> [String] {
    let first = answer.components(separatedBy: "HTTP/1.1 ").dropFirst().first ?? ""
    let parts = first.components(separatedBy: "\r\n\r\n")
    let fields = (parts.first ?? "").components(separatedBy: "\r\n")
      .filter { !$0.lowercased().hasPrefix("connection:") }
      .map { $0.lowercased().hasPrefix("date:") ? dateShape($0) : $0 }
    let body = parts.dropFirst().joined()
      .replacing(/"issuedAt":"[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z"/, with: "")
      .replacing(/"sequence":[0-9]+/, with: "")
    // Answers of other lengths differ in their sequence alone.
    return fields.filter { !$0.lowercased().hasPrefix("content-length:") } + [body]
  }

  private static func dateShape(_ field: String) -> String {
    field.replacing(/[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT$/, with: "day")
  }
}

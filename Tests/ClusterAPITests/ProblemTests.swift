import Foundation
import Testing

@testable import ClusterAPI
@testable import ClusterModel

@Suite struct ProblemTests {
  /// The names that scripts rely on.
  static let promised: [(String, Int)] = [
    ("rpc-only", 409), ("no-active-instance", 503), ("unknown-instance", 404),
    ("not-drained", 409), ("already-exists", 409), ("key-reused", 409),
    ("needs-acknowledgement", 409),
    ("dedicated-load-balancer", 409), ("registry-unavailable", 503), ("outcome-unknown", 503),
    ("invalid-request", 400), ("too-large", 413), ("too-many", 429), ("overloaded", 503),
    ("unauthorized", 401),
    ("forbidden", 403), ("full", 503), ("rejecting-clients", 503), ("unlicensed", 503),
    ("not-joined", 503), ("removed", 503),
  ]

  @Test("each name of the interface has its status", arguments: promised)
  func status(name: String, status: Int) throws {
    #expect(try #require(ProblemName(rawValue: name)).status == status)
  }

  @Test(
    "every problem has an error status, a title and a name for URNs",
    arguments: ProblemName.allCases)
  func complete(name: ProblemName) throws {
    #expect((400...599).contains(name.status))
    #expect(!name.title.isEmpty)
    #expect(name.rawValue.allSatisfy { $0.isLowercase || $0 == "-" })
    let problem = Problem(name, "detail", warnings: [.lastServer], desired: "jwt")
    #expect(try WireJSON.decode(Problem.self, from: WireJSON.encode(problem)) == problem)
  }

  @Test("a problem stands on the wire as RFC 9457 has it")
  func wire() throws {
    let problem = Problem(.needsAcknowledgement, "say so", warnings: [.lastServer])
    #expect(
      String(decoding: try WireJSON.encode(problem), as: UTF8.self) == """
        {"detail":"say so","status":409,\
        "title":"The change has warnings that are not acknowledged",\
        "type":"urn:aos:problem:needs-acknowledgement","warnings":["lastServer"]}
        """)
  }

  @Test(
    "a problem that this release does not know is taken by its status",
    arguments: [
      (#"{"type":"urn:aos:problem:later","status":418}"#, .invalidRequest),
      (#"{"type":"urn:aos:problem:later","status":599}"#, .internalError),
      (#"{"type":"urn:aos:problem:later"}"#, .internalError),
      (#"{"type":"about:blank","status":404}"#, .invalidRequest),
      (#"{"type":"full","status":503}"#, .internalError),
      (#"{"type":"urn:aos:problem:full","status":200}"#, .full),
    ] as [(String, ProblemName)])
  func unknown(text: String, name: ProblemName) throws {
    #expect(try WireJSON.decode(Problem.self, from: text.utf8).name == name)
  }

  @Test("a warning that this release does not know is kept")
  func unknownWarning() throws {
    let text = #"{"type":"urn:aos:problem:full","warnings":["later","overCapacity"]}"#
    #expect(
      try WireJSON.decode(Problem.self, from: text.utf8).warnings
        == [OpenEnum("later"), .overCapacity])
  }
}

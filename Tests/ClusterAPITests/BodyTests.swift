import Foundation
import Testing

@testable import ClusterAPI
@testable import ClusterModel

@Suite struct BodyTests {
  struct Bad: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var field: String
    var read: @Sendable () throws -> Void

    init<Body: Decodable & SendableMetatype>(_ type: Body.Type, _ text: String, _ field: String) {
      testDescription = "\(type) \(text.prefix(60))"
      self.field = field
      read = { _ = try WireJSON.decode(Body.self, from: text.utf8) }
    }

    init(_ kind: CommandRoute.Kind, _ text: String, _ field: String) {
      testDescription = "\(kind) \(text.prefix(60))"
      self.field = field
      read = { _ = try CommandRequest(kind, from: text.utf8) }
    }
  }

  static let join = """
    {"address":"10.0.0.4:2712","servicesAddress":null,"role":"server","services":["batch"],\
    "maximum":60,"version":"0.1.0","startedAt":"2026-03-01T08:15:30.250Z"}
    """

  static let report = """
    {"tickets":"ab","sequence":7,"complete":true,"handshakes":{"total":9,"perSecond":0.5},\
    "instances":[{"id":"AOS01","reserved":12,"arrived":40}]}
    """

  /// Longer than a name may be.
  private static let long = String(repeating: "z", count: PlainText.longestName + 1)

  static let bad: [Bad] = [
    Bad(HandshakeRequest.self, "", "body"),
    Bad(HandshakeRequest.self, "{", "body"),
    Bad(HandshakeRequest.self, "[]", "body"),
    Bad(HandshakeRequest.self, "null", "body"),
    Bad(HandshakeRequest.self, #"{"kind":"king"}"#, "kind"),
    Bad(HandshakeRequest.self, #"{"kind":7}"#, "kind"),
    Bad(HandshakeRequest.self, #"{"user":7}"#, "user"),
    Bad(HandshakeRequest.self, #"{"user":"a\u001b[2J"}"#, "user"),
    Bad(HandshakeRequest.self, #"{"computer":"a\n"}"#, "computer"),
    Bad(HandshakeRequest.self, #"{"computer":"\u202e"}"#, "computer"),
    Bad(HandshakeRequest.self, "{\"user\":\"\(String(repeating: "x", count: 129))\"}", "user"),
    Bad(HandshakeRequest.self, #"{"limit":0}"#, "limit"),
    Bad(HandshakeRequest.self, #"{"limit":-16}"#, "limit"),
    Bad(HandshakeRequest.self, #"{"limit":10001}"#, "limit"),
    Bad(HandshakeRequest.self, #"{"limit":1.5}"#, "limit"),
    Bad(HandshakeRequest.self, #"{"limit":"16"}"#, "limit"),
    Bad(SessionRequest.self, #"{"user":"\u0000"}"#, "user"),
    Bad(SessionRequest.self, #"{"user":"u","computer":"\u007f"}"#, "computer"),
    Bad(SessionRequest.self, #"{"ticket":"\u0007"}"#, "ticket"),
    Bad(SessionRequest.self, #"{"kind":null,"ticket":{}}"#, "ticket"),
    Bad(.drain, #"{"ids":"AOS01"}"#, "ids"),
    Bad(.drain, #"{"ids":["AOS01","A B"]}"#, "ids[1]"),
    Bad(.drain, #"{"reason":"a\tb"}"#, "reason"),
    Bad(.drain, #"{"message":"a\u2028b"}"#, "message"),
    Bad(.drain, #"{"message":"\#(String(repeating: "x", count: 501))"}"#, "message"),
    Bad(.drain, #"{"closeIdleAfterSeconds":0}"#, "closeIdleAfterSeconds"),
    Bad(.drain, #"{"closeIdleAfterSeconds":86401}"#, "closeIdleAfterSeconds"),
    Bad(.drain, #"{"closeIdleAfterSeconds":1.5}"#, "closeIdleAfterSeconds"),
    Bad(.drain, #"{"closeIdleAfterSeconds":"1"}"#, "closeIdleAfterSeconds"),
    Bad(.drain, #"{"deadline":"soon"}"#, "deadline"),
    Bad(.drain, #"{"untilRestart":"yes"}"#, "untilRestart"),
    Bad(.drain, #"{"acknowledge":["nothing"]}"#, "acknowledge[0]"),
    Bad(.add, #"{"address":"h:1"}"#, "id"),
    Bad(.add, #"{"id":"A","address":"h"}"#, "address"),
    Bad(.add, #"{"id":"../x","address":"h:1"}"#, "id"),
    Bad(.add, #"{"id":"A","address":"h:1","accept":1}"#, "accept"),
    Bad(.limit, "{}", "maximum"),
    Bad(.limit, #"{"maximum":-1}"#, "maximum"),
    Bad(.limit, #"{"maximum":65536}"#, "maximum"),
    Bad(.limit, #"{"maximum":99999999999999999999}"#, "maximum"),
    Bad(.license, "{}", "license"),
    Bad(.license, #"{"license":"a.b.c","seats":1}"#, "seats"),
    Bad(.license, #"{"license":7}"#, "license"),
    Bad(.license, #"{"seats":1000001}"#, "seats"),
    Bad(JoinRequest.self, "{}", "address"),
    Bad(JoinRequest.self, join.replacing("server\",", with: "loadBalancer\","), "services"),
    Bad(JoinRequest.self, join.replacing("[\"batch\"]", with: "[]"), "services"),
    Bad(JoinRequest.self, join.replacing("[\"batch\"]", with: "[\"x\"]"), "services[0]"),
    Bad(JoinRequest.self, join.replacing("60", with: "65536"), "maximum"),
    Bad(JoinRequest.self, join.replacing("0.1.0", with: "\\u001b"), "version"),
    Bad(JoinRequest.self, join.replacing("10.0.0.4:2712", with: "10.0.0.4"), "address"),
    Bad(JoinRequest.self, join.replacing("\"role\"", with: #""zone":"a\u001bb","role""#), "zone"),
    Bad(JoinRequest.self, join.replacing("\"role\"", with: #""zone":"\#(long)","role""#), "zone"),
    Bad(LoadReport.self, #"{"connected":-1}"#, "connected"),
    Bad(LoadReport.self, #"{"connected":1,"tickets":[1]}"#, "tickets[0]"),
    Bad(LoadReport.self, #"{"connected":65536}"#, "connected"),
    Bad(
      LoadReport.self,
      #"{"connected":1,"tickets":[\#(String(repeating: #""t","#, count: 512))"t"]}"#,
      "tickets"),
    Bad(
      LoadReport.self,
      #"{"connected":1,"tickets":["\#(String(repeating: "t", count: 129))"]}"#, "tickets"),
    Bad(PeerReport.self, report.replacing("7", with: "-7"), "sequence"),
    Bad(PeerReport.self, report.replacing("12", with: "65536"), "reserved"),
    Bad(PeerReport.self, report.replacing("40", with: "9007199254740992"), "arrived"),
    Bad(PeerReport.self, report.replacing("AOS01", with: "A B"), "instances[0].id"),
    Bad(
      PeerReport.self, report.replacing("ab", with: String(repeating: "a", count: 33)), "tickets"),
    Bad(PeerReport.self, report.replacing("0.5", with: "-0.5"), "perSecond"),
    Bad(DesiredAnswer.self, "{}", "revision"),
    Bad(DesiredAnswer.self, #"{"revision":-1}"#, "revision"),
    Bad(DesiredAnswer.self, #"{"revision":9007199254740992}"#, "revision"),
    Bad(
      DesiredAnswer.self,
      #"{"revision":1,"digest":"\#(String(repeating: "1", count: 65))"}"#, "digest"),
    Bad(
      DesiredAnswer.self,
      #"{"revision":1,"desired":"\#(String(repeating: "a", count: 16_385))"}"#, "desired"),
    Bad(LoadHello.self, "{}", "id"),
  ]

  @Test("a body that is not right is refused, and the field is named", arguments: bad)
  func refused(bad: Bad) {
    let fault = #expect(throws: InvalidValue.self) { try bad.read() }
    #expect(fault?.field == bad.field)
    let text = fault?.description ?? ""
    #expect(!text.unicodeScalars.contains(where: PlainText.isForbidden))
  }

  @Test("a field's name from outside cannot steer a terminal either")
  func hostileKey() {
    let text = #"{"step":1,"instances":{"\u001b[2J":[["x"]]}}"#
    let fault = #expect(throws: InvalidValue.self) {
      try WireJSON.decode(LoadHistory.self, from: text.utf8)
    }
    #expect(fault?.description.unicodeScalars.contains(where: PlainText.isForbidden) == false)
  }

  @Test(
    "bytes that are not JSON, deep or long, are refused",
    arguments: [
      Array(repeating: UInt8(ascii: "["), count: 100_000), [0xFF, 0xFE], [0], Array("{}{}".utf8),
      Array(#"{"user":"\ud800"}"#.utf8),
    ])
  func noJSON(bytes: [UInt8]) {
    #expect(throws: InvalidValue.self) {
      try WireJSON.decode(HandshakeRequest.self, from: bytes)
    }
  }

  @Test("what may be left out has its default, and unknown fields are ignored")
  func defaults() throws {
    let shake = try WireJSON.decode(HandshakeRequest.self, from: #"{"later":1}"#.utf8)
    #expect(shake == HandshakeRequest(kind: .client))
    let id = try InstanceID("A")
    func command(_ kind: CommandRoute.Kind, _ text: String) throws -> OperatorCommand {
      try CommandRequest(kind, from: text.utf8).command
    }
    #expect(try command(.drain, #"{"ids":["A","A"]}"#) == .drain([id]))
    #expect(try command(.enable, #"{"ids":["A"],"untilRestart":false}"#) == .enable([id]))
    #expect(
      try command(.add, #"{"id":"A","address":"h:1"}"#) == .add(id, at: Address("h:1")))
    #expect(try command(.remove, #"{"ids":["A"]}"#) == .remove([id]))
    #expect(try command(.limit, #"{"ids":["A"],"maximum":null}"#) == .limit([id], to: nil))
    #expect(try command(.license, #"{"seats":null}"#) == .seats(nil))
    #expect(try command(.license, #"{"license":null}"#) == .license(nil))
    let one = try CommandRequest(.limit, of: id, from: #"{"maximum":7}"#.utf8)
    #expect(one == CommandRequest(.limit([id], to: 7)))
  }

  @Test("every body is read as it was written")
  func roundTrips() throws {
    let join = try WireJSON.decode(JoinRequest.self, from: Self.join.utf8)
    #expect(join.profile.role == .server(.batch))
    try expectRoundTrip(join)
    var placed = join
    placed.profile.zone = "rack 7"
    try expectRoundTrip(placed)
    try expectRoundTrip(HandshakeRequest(kind: .batch, user: "u", computer: nil, limit: 16))
    try expectRoundTrip(SessionRequest(kind: .client, user: "u", computer: "c", ticket: "t"))
    try expectRoundTrip(LoadReport(connected: 3, tickets: ["a"]))
    try expectRoundTrip(LoadReport(connected: 3, withoutNotices: 2))
    try expectRoundTrip(try WireJSON.decode(PeerReport.self, from: Self.report.utf8))
    try expectRoundTrip(
      LoadReport(
        connected: 3,
        application: ApplicationStatus(
          .down, since: Timestamp(milliseconds: 5), reason: "Connection refused")))
    try expectRoundTrip(SessionNotice(message: "m", endsAt: join.startedAt))
    try expectRoundTrip(
      LoadHello(
        id: try InstanceID("A"), cluster: "PROD",
        profile: InstanceProfile(role: .loadBalancer, ownMaximum: 0), startedAt: join.startedAt,
        version: "1", revision: Limits.revision, digest: "1:0", desired: "a.b.c"))
    try expectRoundTrip(DesiredAnswer(revision: 3, digest: "1:0", desired: "a.b.c"))
  }

  /// What is on the wire for each command, byte for byte.
  static let commands: [(CommandRequest, String)] = {
    let terms = DrainTerms(
      message: "m", closeIdleAfterSeconds: 5, deadline: Timestamp("2026-03-01T08:15:30.250Z"),
      untilRestart: true)
    guard let id = try? InstanceID("A"), let address = try? Address("h:1") else { return [] }
    return [
      (
        CommandRequest(.drain([id], reason: "r", terms: terms), acknowledge: [.lastServer]),
        #"{"acknowledge":["lastServer"],"closeIdleAfterSeconds":5,"#
          + #""deadline":"2026-03-01T08:15:30.250Z","ids":["A"],"message":"m","reason":"r","#
          + #""untilRestart":true}"#
      ),
      (CommandRequest(.drain([id])), #"{"acknowledge":[],"ids":["A"],"untilRestart":false}"#),
      (CommandRequest(.enable([id])), #"{"acknowledge":[],"ids":["A"],"untilRestart":false}"#),
      (
        CommandRequest(.add(id, at: address, tls: true)),
        #"{"accept":false,"address":"h:1","id":"A","tls":true}"#
      ),
      (
        CommandRequest(.remove([id], force: true), acknowledge: [.lastBalancer]),
        #"{"acknowledge":["lastBalancer"],"force":true,"ids":["A"]}"#
      ),
      (CommandRequest(.limit([id], to: nil)), #"{"ids":["A"],"maximum":null}"#),
      (CommandRequest(.seats(8)), #"{"seats":8}"#),
      (CommandRequest(.seats(nil)), #"{"seats":null}"#),
      (CommandRequest(.license("a.b.c")), #"{"license":"a.b.c"}"#),
      (CommandRequest(.license(nil)), #"{"license":null}"#),
    ]
  }()

  @Test("a command stands on the wire as the interface spells it", arguments: commands)
  func command(request: CommandRequest, text: String) throws {
    let bytes = try WireJSON.encode(request)
    #expect(String(decoding: bytes, as: UTF8.self) == text)
    #expect(try CommandRequest(request.command.route.kind, from: bytes) == request)
  }

  private func expectRoundTrip<Body: Codable & Equatable>(_ body: Body) throws {
    #expect(try WireJSON.decode(Body.self, from: WireJSON.encode(body)) == body)
  }

  @Test("the answer to a handshake stands on the wire as the interface spells it")
  func handshake() throws {
    let answer = HandshakeAnswer(
      cluster: "PROD", balancer: try InstanceID("LB1"),
      issuedAt: Timestamp("2026-03-01T08:15:30.250Z")!, sequence: 812, ticket: "t",
      servers: [
        HandshakeServer(
          id: try InstanceID("AOS04"), address: try Address("10.0.0.4:2712"),
          load: Load(connected: 12, reserved: 1, maximum: 60))
      ])
    let bytes = try WireJSON.encode(answer)
    #expect(
      String(decoding: bytes, as: UTF8.self) == """
        {"balancer":"LB1","cluster":"PROD","issuedAt":"2026-03-01T08:15:30.250Z","sequence":812,\
        "servers":[{"address":"10.0.0.4:2712","connected":12,"id":"AOS04","maximum":60,\
        "reserved":1,"workload":0.2167}],"ticket":"t"}
        """)
    #expect(try WireJSON.decode(HandshakeAnswer.self, from: bytes) == answer)
  }

  @Test("a list that was cut says so, and one that says nothing is whole")
  func more() throws {
    var answer = HandshakeAnswer(
      cluster: "PROD", balancer: try InstanceID("LB1"),
      issuedAt: Timestamp("2026-03-01T08:15:30.250Z")!, sequence: 1, ticket: nil, servers: [],
      more: true)
    let cut = try WireJSON.encode(answer)
    #expect(
      String(decoding: cut, as: UTF8.self) == """
        {"balancer":"LB1","cluster":"PROD","issuedAt":"2026-03-01T08:15:30.250Z","more":true,\
        "sequence":1,"servers":[],"ticket":null}
        """)
    #expect(try WireJSON.decode(HandshakeAnswer.self, from: cut) == answer)
    answer.more = false
    let whole = try WireJSON.encode(answer)
    #expect(!String(decoding: whole, as: UTF8.self).contains("more"))
    #expect(try WireJSON.decode(HandshakeAnswer.self, from: whole) == answer)
  }

  @Test(
    "a load that is too large for a sum is refused",
    arguments: ["connected", "reserved", "maximum"])
  func hugeLoad(field: String) throws {
    var loads = ["connected": "1", "reserved": "1", "maximum": "10"]
    loads[field] = "9223372036854775807"
    let members = loads.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
    let text = "{\"id\":\"AOS01\",\"address\":\"a:1\",\(members)}"
    let error = #expect(throws: InvalidValue.self) {
      try WireJSON.decode(HandshakeServer.self, from: text.utf8)
    }
    #expect(error?.field == field)
  }
}

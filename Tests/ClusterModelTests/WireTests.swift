import Foundation
import Testing

@testable import ClusterModel

/// The JSON of the interface document, spelled out.
@Suite struct WireTests {
  private static let snapshot = """
    {"cluster":"PROD","sequence":812,"at":"2026-03-01T08:15:30.250Z",
     "balancer":{"id":"LB1","version":"0.1.0","startedAt":"2026-03-01T00:00:00.000Z",
       "registry":{"kind":"sqlite","state":"available"}},
     "license":{"state":"valid","holder":"Contoso","seats":8,"seatsUsed":7,
       "expiresAt":"2027-01-01T00:00:00.000Z"},
     "handshakes":{"total":90412,"perSecond":4.2},
     "instances":[
       {"id":"AOS01","address":"10.0.0.1:2712","servicesAddress":null,"role":"server",
        "services":["application"],"admission":"rejecting",
        "admissionAt":"2026-03-01T08:00:00.000Z","admissionBy":"alice",
        "admissionByKind":"unix","admissionReason":null,"owner":"0123456789","ownerName":"rack1",
        "delivered":true,"obeys":null,"health":"alive",
        "healthSince":"2026-03-01T07:00:00.000Z",
        "healthReason":null,"license":"licensed","licenseSeat":1,"licenseReason":null,
        "connected":41,"reserved":0,"maximum":60,"limit":null,"workload":0.6833,
        "exclusion":"rejectingClients",
        "drain":{"startedAt":"2026-03-01T08:00:00.000Z","startedWith":44,"message":null,
          "deadline":null,"closeIdleAfterSeconds":null,"untilRestart":false},
        "version":"0.1.0","startedAt":"2026-03-01T07:00:00.000Z"},
       {"id":"LB1","address":"[::1]:2712","servicesAddress":null,"role":"loadBalancer",
        "services":[],"admission":"accepting","admissionAt":"2026-03-01T08:00:00.000Z",
        "admissionBy":"LB1","admissionByKind":"balancer","admissionReason":null,
        "owner":null,"ownerName":null,"delivered":true,"obeys":null,"health":"alive",
        "healthSince":"2026-03-01T07:00:00.000Z","healthReason":null,"license":"notRequired",
        "licenseSeat":null,"licenseReason":null,"connected":0,"reserved":0,"maximum":0,
        "limit":null,"workload":null,"exclusion":"dedicatedLoadBalancer","drain":null,
        "version":null,"startedAt":null}],
     "handshakeList":["AOS04","AOS02"],
     "excluded":[{"id":"AOS01","reason":"rejectingClients"},
       {"id":"LB1","reason":"dedicatedLoadBalancer"}],
     "actions":[{"id":9,"at":"2026-03-01T08:00:00.000Z","actor":"alice","actorKind":"unix",
       "action":"drain","instance":"AOS01","reason":null,"result":"committed","delivered":true}],
     "events":[{"id":4,"at":"2026-03-01T08:10:00.000Z","balancer":"LB1","kind":"lost",
       "instance":"AOS09","startedAt":"2026-03-01T07:00:00.000Z","sessions":45,
       "reason":"connection refused","times":2,"firstAt":"2026-03-01T08:00:00.000Z"}]}
    """

  private static let change = """
    {"sequence":813,"at":"2026-03-01T08:15:30.300Z","instances":[],
     "loads":[["AOS04",13,1,60]],"removed":["AOS09"],"moves":[["AOS04",0],["AOS09",-1]],
     "handshakes":{"total":90413,"perSecond":4.3}}
    """

  private func object(_ data: Data) throws -> NSDictionary {
    try #require(try JSONSerialization.jsonObject(with: data) as? NSDictionary)
  }

  @Test("a text that is longer than any balancer sends is cut where a picture is read")
  func endlessTexts() throws {
    let long = String(repeating: "z\u{301}", count: 20_000)
    var text = Self.snapshot
    for (field, value) in [
      ("cluster", "\"PROD\""), ("admissionBy", "\"alice\""), ("admissionReason", "null"),
      ("owner", "\"0123456789\""), ("ownerName", "\"rack1\""), ("healthReason", "null"),
      ("version", "\"0.1.0\""), ("actor", "\"alice\""), ("result", "\"committed\""),
      ("reason", "null"),
    ] {
      text = text.replacingOccurrences(
        of: "\"\(field)\":\(value)", with: "\"\(field)\":\"\(long)\"")
    }
    text = text.replacingOccurrences(
      of: #""services":["application"]"#, with: #""services":["application"],"zone":"\#(long)""#)
    let snapshot = try JSONDecoder().decode(ClusterSnapshot.self, from: Data(text.utf8))
    let row = try #require(snapshot.instances.first)
    let action = try #require(snapshot.actions.first)
    let texts = [snapshot.cluster, action.actor, action.result, action.reason] + row.texts
    #expect(texts.count { $0?.last == "…" } >= 10)
    #expect(texts.allSatisfy { ($0 ?? "").count <= Limits.problemCharacters })
  }

  @Test("a snapshot stands on the wire exactly as the interface spells it")
  func snapshotText() throws {
    let data = Data(Self.snapshot.utf8)
    let snapshot = try JSONDecoder().decode(ClusterSnapshot.self, from: data)
    #expect(snapshot.instances.map(\.state) == [.draining(left: 41), .balancing])
    #expect(snapshot.excluded.count == 2)
    #expect(try object(try JSONEncoder().encode(snapshot)) == object(data))
  }

  @Test("a change stands on the wire exactly as the interface spells it")
  func changeText() throws {
    let data = Data(Self.change.utf8)
    let change = try JSONDecoder().decode(ClusterChange.self, from: data)
    #expect(change.moves.last == ListMove(id: .named("AOS09"), position: nil))
    #expect(change.loads.first?.load == Load(connected: 13, reserved: 1, maximum: 60))
    #expect(try object(try JSONEncoder().encode(change)) == object(data))
  }

  @Test("sessions that no notice reaches stand behind the others, where there are any")
  func withoutNotices() throws {
    let pairs = [
      (#""connected":41,"#, #""connected":41,"withoutNotices":9,"#),
      (#"["AOS04",13,1,60]"#, #"["AOS04",13,1,60,5]"#),
    ]
    let (snapshot, change) = (
      Data(Self.snapshot.replacing(pairs[0].0, with: pairs[0].1).utf8),
      Data(Self.change.replacing(pairs[1].0, with: pairs[1].1).utf8)
    )
    let one = try JSONDecoder().decode(ClusterSnapshot.self, from: snapshot)
    #expect(one.instances.map(\.load.withoutNotices) == [9, 0])
    #expect(try object(try JSONEncoder().encode(one)) == object(snapshot))
    let other = try JSONDecoder().decode(ClusterChange.self, from: change)
    #expect(other.loads.map(\.load.withoutNotices) == [5])
    #expect(try object(try JSONEncoder().encode(other)) == object(change))
  }

  @Test("unknown fields are ignored, so that releases one apart work together")
  func unknownFields() throws {
    let later = Self.snapshot.replacing("\"cluster\":", with: "\"later\":[1,{}],\"cluster\":")
      .replacing("\"delivered\":true,", with: "\"delivered\":true,\"later\":{\"a\":null},")
    #expect(
      try JSONDecoder().decode(ClusterSnapshot.self, from: Data(later.utf8))
        == JSONDecoder().decode(ClusterSnapshot.self, from: Data(Self.snapshot.utf8)))
  }

  @Test(
    "a snapshot that breaks a rule of the model is refused",
    arguments: [
      ("\"id\":\"AOS01\"", "\"id\":\"A B\""),
      ("10.0.0.1:2712", "10.0.0.1"),
      ("\"connected\":41", "\"connected\":-1"),
      ("\"connected\":41", "\"connected\":1000000001"),
      ("\"connected\":41", "\"connected\":1e99"),
      ("2026-03-01T08:15:30.250Z", "2026-02-30T08:15:30.250Z"),
      ("{\"cluster\"", "{\"kluster\""),
    ])
  func broken(good: String, bad: String) {
    let text = Self.snapshot.replacing(good, with: bad)
    #expect(text != Self.snapshot)
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(ClusterSnapshot.self, from: Data(text.utf8))
    }
  }

  @Test(
    "a change whose lists are bent is refused",
    arguments: [
      "[[\"AOS04\"]]", "[[\"AOS04\",1,2]]", "[[\"AOS04\",-1,0,60]]", "[[4,1,2,3]]", "[7]", "{}",
    ])
  func bent(loads: String) {
    let text = Self.change.replacing("[[\"AOS04\",13,1,60]]", with: loads)
    #expect(text != Self.change)
    #expect(throws: (any Error).self) {
      try JSONDecoder().decode(ClusterChange.self, from: Data(text.utf8))
    }
  }
}

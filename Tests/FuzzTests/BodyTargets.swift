import ClusterAPI
import ClusterModel
import Dashboard
import Recordings
import ScriptedServer

extension FuzzTarget {
  /// The bodies of HTTP requests and answers, and the data of events.
  static func bodies() throws -> [FuzzTarget] {
    try requests() + answers() + events() + [strict()]
  }

  /// What the strict scanner takes, a decoder takes.
  private static func strict() -> FuzzTarget {
    let corpus = [
      #"{"ids":["01@BOX"],"reason":"caf\u00e9 \ud83d\ude00","deadline":null}"#,
      #"[[],{"a":{"b":[1.5e-3,-0,true,false]}},"\\\"\n"]"#, "null", " 0 ",
    ]
    return FuzzTarget(name: "strict JSON", corpus: corpus.map { Array($0.utf8) }) { bytes in
      let names: [String]
      do throws(InvalidValue) {
        names = try StrictJSON(bytes).names
      } catch {
        try checkWords(error.description)
        return false
      }
      try promise(Set(names).count == names.count, "a name is told twice")
      try promise(
        (try? WireJSON.decode(Anything.self, from: bytes)) != nil, "no decoder takes it")
      return true
    }
  }

  /// Any value at all.
  private struct Anything: Decodable {
    init(from decoder: any Decoder) throws {}
  }

  private static func requests() throws -> [FuzzTarget] {
    let (id, address) = (try InstanceID("AOS01"), try Address("10.0.0.1:2713"))
    let terms = DrainTerms(
      message: "Bitte abmelden", closeIdleAfterSeconds: 120, deadline: Sample.time,
      untilRestart: true)
    return try [
      body(
        "handshake request",
        [
          HandshakeRequest(kind: .batch, user: "ana", computer: "PC", limit: 16)
        ]),
      try body(
        "session request",
        [
          SessionRequest(kind: .client, user: "ana", computer: "PC1", ticket: "0123abcd")
        ]),
      try body(
        "join request",
        [
          JoinRequest(
            reach: try InstanceReach(address, servicesAddress: Address("[::1]:8101")),
            profile: InstanceProfile(role: .server(.both), ownMaximum: 60), version: "0.1.0",
            startedAt: Sample.time, obeys: DesiredAnswer(revision: 4, digest: "1:0"))
        ]),
      try body("key steps", [KeySteps(rotations: [KeyStep(from: "abc", document: "a.b.c")])]),
      try body("token request", [TokenRequest(role: .operator, name: "ops-laptop")]),
    ] + commands(id, address, terms)
  }

  private static func commands(
    _ id: InstanceID, _ address: Address, _ terms: DrainTerms
  ) throws -> [FuzzTarget] {
    let commands: [[OperatorCommand]] = [
      [.drain([id], reason: "why", terms: terms)], [.enable([id])],
      [.add(id, at: address, accept: true)], [.limit([id], to: 5), .limit([id], to: nil)],
      [.remove([id], force: true)], [.seats(8)], [.license("a.b.c")],
    ]
    return try commands.map { commands in
      let first = commands[0]
      return try body(
        "\(first.kind.rawValue) request", commands.map { CommandRequest($0) },
        read: { bytes throws(InvalidValue) in try CommandRequest(first.route.kind, from: bytes) })
    }
  }

  private static func answers() throws -> [FuzzTarget] {
    let (id, address) = (try InstanceID("AOS01"), try Address("10.0.0.1:2713"))
    let server = try Sample.server("AOS01", at: address)
    let instance = try Sample.instance("AOS01", admission: .rejecting, connected: 3)
    return try [
      try body("handshake answer", [try Sample.list([server, server])]),
      try body(
        "join answer",
        [
          JoinAnswer(
            cluster: "PROD", publicKey: "abc", desired: "a.b.c",
            rotations: [KeyStep(from: "abc", document: "a.b.c")])
        ]),
      try body("key answers", [KeyAnswer(publicKey: "abc")]),
      try body(
        "key rotation answer",
        [
          KeyRotationAnswer(
            cluster: "PROD", publicKey: "abc",
            instances: [.init(id: id, follows: false, reason: "away")])
        ]),
      try body("mutation answer", [Sample.mutation([instance], warnings: [.overCapacity])]),
      try body("access answer", [AccessAnswer(actor: "ana", refusal: "viewers change nothing")]),
      try history(),
      try body(
        "liveness",
        [
          Liveness(id: id, role: "server", cluster: "PROD", version: "0.1.0")
        ]),
      try body(
        "problem",
        [
          Problem(.needsAcknowledgement, "No server would be left.", warnings: [.lastServer]),
          Problem(.removed, "It was removed.", desired: "a.b.c"),
        ]),
    ] + lists(id)
  }

  private static func history() throws -> FuzzTarget {
    let snapshot = try fullSnapshot()
    let sample = ClusterSample(sessions: 41, capacity: 60, handshakesPerSecond: 0.5, spread: 7)
    let history = LoadHistory(
      step: 10, at: Sample.time,
      instances: ["AOS01": [[41, 60], [42, 60]], "AOS02": [[7, 60]]],
      cluster: [sample, sample])
    return try body("history", [history]) {
      try draw(.history(BalancerHistory($0)), after: snapshot)
    }
  }

  private static func lists(_ id: InstanceID) throws -> [FuzzTarget] {
    [
      try body(
        "session list",
        [
          SessionList(sessions: [
            SessionInfo(
              session: "s1", kind: .client, user: "ana", computer: "PC1", since: Sample.time,
              activeAt: Sample.time)
          ])
        ]),
      try body(
        "action list",
        [
          ActionList(actions: [
            ActionRecord(
              id: 7, at: Sample.time, actor: "ana", action: .drain, instance: id, reason: "why",
              result: "drained", delivered: true)
          ])
        ]),
      try body(
        "token list",
        [
          TokenList(tokens: [
            TokenInfo(
              AccessToken(
                id: "0123456789", name: "ops", role: .viewer, hash: [], createdAt: Sample.time,
                createdBy: "ana"),
              owned: 2, token: "aos_0123456789_x")
          ])
        ]),
    ]
  }

  private static func events() throws -> [FuzzTarget] {
    let id = try InstanceID("AOS01")
    let snapshot = try fullSnapshot()
    return [
      try body(
        "load hello",
        [
          LoadHello(
            id: id, cluster: "PROD", profile: InstanceProfile(role: .server(.both), ownMaximum: 60),
            startedAt: Sample.time, version: "0.1.0", revision: 12, endedDrain: Sample.time)
        ]),
      try body(
        "load report", [LoadReport(connected: 41, withoutNotices: 3, tickets: ["0123", "abcd"])]),
      try body(
        "peer report",
        [
          PeerReport(
            tickets: "0f", sequence: 3, complete: true,
            handshakes: HandshakeCount(total: 9, perSecond: 0.5),
            instances: [PeerReport.Entry(id: id, reserved: 2, arrived: 7)])
        ]),
      try body("session notice", [SessionNotice(message: "Bye", endsAt: Sample.time)]),
      try body("snapshot", [snapshot]) { try draw(.snapshot($0), after: nil) },
      try body("change", [fullChange()]) { change in
        var picture = snapshot
        picture.apply(change)
        let ids = picture.instances.map(\.id)
        try promise(ids == ids.sorted() && Set(ids).count == ids.count, "an instance is twice")
        try draw(.change(change), after: snapshot)
      },
    ]
  }

  static func fullSnapshot() throws -> ClusterSnapshot {
    var draining = try Sample.instance("AOS02", admission: .rejecting, connected: 3)
    draining.record.drain?.closeIdleAfterSeconds = 120
    draining.record.limit = 50
    var snapshot = try Sample.snapshot(
      sequence: 812,
      [
        try Sample.instance("AOS01", connected: 41, maximum: 60), draining,
        try Sample.instance("AOS03", health: .unreachable),
      ])
    snapshot.append(
      ActionRecord(
        id: 7, at: Sample.time, actor: "ana", action: .drain, instance: try InstanceID("AOS02"),
        reason: "why", result: "draining", delivered: true))
    return snapshot
  }

  static func fullChange() throws -> ClusterChange {
    var change = ClusterChange(sequence: 813, at: Sample.time)
    change.instances = [try Sample.instance("AOS04", connected: 1)]
    change.loads = [
      LoadChange(id: try InstanceID("AOS01"), load: Load(connected: 42, maximum: 60))
    ]
    change.removed = [try InstanceID("AOS03")]
    change.moves = [
      ListMove(id: try InstanceID("AOS01"), position: nil),
      ListMove(id: try InstanceID("AOS04"), position: 0),
    ]
    change.handshakes = HandshakeCount(total: 99, perSecond: 4.2)
    return change
  }
}

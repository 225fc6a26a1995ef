import Testing

@testable import ClusterModel

@Suite struct RoleTests {
  @Test(
    "a role is a balancer without services or a server with some",
    arguments: [
      ("loadBalancer", [], Role.loadBalancer),
      ("server", [.application], .server(.application)),
      ("server", [.batch], .server(.batch)),
      ("server", [.batch, .application], .server(.both)),
      ("server", [.batch, .batch], .server(.batch)),
    ] as [(String, [Service], Role)])
  func expressible(name: String, services: [Service], role: Role) throws {
    let read = try Role(name: name, services: services)
    #expect(read == role)
    #expect(read.name == name)
    #expect(read.services == Set(services).sorted())
  }

  @Test(
    "a balancer that also serves, and a server that serves nothing, cannot be expressed",
    arguments: [
      ("loadBalancer", [.application], "services"), ("loadBalancer", [.batch], "services"),
      ("server", [], "services"), ("", [], "role"), ("Server", [.batch], "role"),
      ("king", [.batch], "role"),
    ] as [(String, [Service], String)])
  func inexpressible(name: String, services: [Service], field: String) {
    let fault = #expect(throws: InvalidValue.self) { try Role(name: name, services: services) }
    #expect(fault?.field == field)
  }

  @Test("a balancer serves nobody, and nobody serves AIF")
  func serves() {
    for kind in ClientKind.allCases { #expect(!Role.loadBalancer.serves(kind)) }
    let table: [(ServerServices, [ClientKind])] = [
      (.application, [.client]), (.batch, [.batch]), (.both, [.client, .batch]),
    ]
    for (services, kinds) in table {
      #expect(ClientKind.allCases.filter(Role.server(services).serves) == kinds)
    }
  }
}

@Suite struct HandshakeRankTests {
  private func rank(_ id: String, _ used: Int, _ maximum: Int) throws -> HandshakeRank {
    HandshakeRank(
      id: try InstanceID(id), load: Load(connected: used, maximum: maximum))
  }

  @Test("smallest workload first, then more free places, then the smaller id")
  func order() throws {
    let ranks = [
      try rank("B", 0, 100), try rank("A", 0, 60), try rank("C", 0, 60),
      try rank("D", 1, 65_535), try rank("E", 20, 60), try rank("G", 10, 30),
      try rank("F", 30, 60), try rank("H", 1, 2), try rank("I", 60, 60), try rank("J", 60, 60),
      try rank("K", 1, 1), try rank("L", 70, 60),
    ]
    #expect(ranks.shuffled().sorted().map(\.id.text).joined() == "BACDEGFHIJKL")
    for (earlier, later) in zip(ranks, ranks.dropFirst()) {
      #expect(earlier < later && !(later < earlier))
    }
  }

  @Test("workloads that a Double cannot tell apart are told apart")
  func exact() throws {
    let (less, more) = (
      try rank("Z", 333_333_333, 999_999_998), try rank("A", 333_333_333, 999_999_997)
    )
    #expect(less < more)
    #expect(!(more < less))
  }

  @Test("reservations count once for each balancer that is alive")
  func weight() throws {
    let load = Load(connected: 4, reserved: 3, maximum: 60)
    let id = try InstanceID("A")
    #expect(HandshakeRank(id: id, load: load).used == 7)
    #expect(HandshakeRank(id: id, load: load, reservationWeight: 3).used == 13)
  }

  @Test(
    "workload is (connected + reserved) ÷ maximum, and undefined where the maximum is 0",
    arguments: [
      (Load(connected: 12, reserved: 1, maximum: 60), 0.2167),
      (Load(connected: 70, reserved: 0, maximum: 60), 1.1667),
      (Load(connected: 0, reserved: 0, maximum: 60), 0),
      (Load(connected: 3, reserved: 0, maximum: 0), nil),
    ] as [(Load, Double?)])
  func workload(load: Load, workload: Double?) {
    #expect(load.workload?.roundedToFourDecimals == workload)
  }
}

package import ClusterAPI
package import ClusterModel

/// Small values of a cluster for scripts.
package enum Sample {
  package static let time = Timestamp(milliseconds: 1_750_000_000_000)

  package static func server(
    _ id: String, at address: Address, connected: Int = 1, maximum: Int = 10
  ) throws -> HandshakeServer {
    HandshakeServer(
      id: try InstanceID(id), address: address,
      load: Load(connected: connected, maximum: maximum))
  }

  package static func list(
    _ servers: [HandshakeServer], ticket: String? = "t-1"
  ) throws -> HandshakeAnswer {
    HandshakeAnswer(
      cluster: "PROD", balancer: try InstanceID("LB1"), issuedAt: time, sequence: 7,
      ticket: ticket, servers: servers)
  }

  package static func instance(
    _ id: String, admission: Admission = .accepting, connected: Int = 0, maximum: Int = 10,
    delivered: Bool = true, health: Health = .alive, admissionAt: Timestamp = time
  ) throws -> InstanceStatus {
    InstanceStatus(
      RegisteredInstance(
        id: try InstanceID(id), reach: try InstanceReach(Address("127.0.0.1:2713")),
        profile: InstanceProfile(role: .server(.application), ownMaximum: maximum),
        record: AdmissionRecord(
          admission, at: admissionAt, by: "alice",
          drain: Drain(startedAt: time, startedWith: connected)),
        seat: 1),
      delivered: delivered, health: health, healthSince: time,
      load: Load(connected: connected, maximum: maximum))
  }

  package static func snapshot(
    sequence: Int64 = 1, _ instances: [InstanceStatus]
  ) throws -> ClusterSnapshot {
    ClusterSnapshot(
      cluster: "PROD", sequence: sequence, at: time,
      balancer: BalancerStatus(
        id: try InstanceID("LB1"), version: "0.1.0", startedAt: time,
        registry: .init(kind: "sqlite", state: .available)),
      license: LicenseSummary(state: .none, seats: nil, seatsUsed: instances.count),
      handshakes: HandshakeCount(total: 12, perSecond: 0.5), instances: instances,
      handshakeList: instances.filter { $0.exclusion == nil }.map(\.id), actions: [])
  }

  package static func mutation(
    _ instances: [InstanceStatus], delivered: Bool = true, warnings: [OpenEnum<ImpactWarning>] = []
  ) -> MutationAnswer {
    MutationAnswer(
      instances: instances, delivered: delivered,
      impact: Impact(
        handshakeList: instances.filter { $0.exclusion == nil }.map(\.id),
        workloadBefore: 0.5, workloadAfter: 0.75, warnings: warnings))
  }
}

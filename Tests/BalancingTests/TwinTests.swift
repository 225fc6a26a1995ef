import ClusterModel
import Testing

@testable import Balancing

/// Ids that differ only in the case of letters, which people take for one.
@Suite("Ids that look alike")
struct TwinTests: TokenCluster {
  private func decide(_ command: OperatorCommand, on contents: inout RegistryContents) throws {
    try decide(.command(command), on: &contents)
  }

  @Test(
    "a new id differs from every member's in more than the case of letters, joined or added",
    arguments: [InstanceOwner.local, .token(id: "rack", name: "rack")])
  func twins(owner: InstanceOwner) throws {
    let (one, twin) = (try InstanceID("AOS01"), try InstanceID("aos01"))
    var contents = cluster()
    try decide(.join(one, joining(owner)), on: &contents)
    let before = contents
    for asker in [InstanceOwner.local, rack] {
      #expect(throws: MutationRefusal.twin(twin, of: one)) {
        try decide(.join(twin, joining(asker, at: "10.0.0.2:2712")), on: &contents)
      }
    }
    #expect(throws: MutationRefusal.twin(twin, of: one)) {
      try decide(.add(twin, at: Address("10.0.0.2:2712"), accept: true), on: &contents)
    }
    let balancer = Joining(
      reach: InstanceReach(try Address("10.0.0.2:2712")),
      profile: InstanceProfile(role: .loadBalancer, ownMaximum: 0))
    #expect(throws: MutationRefusal.twin(twin, of: one)) {
      _ = try contents.register(twin, balancer, at: now)
    }
    #expect(contents == before)
    // After a removal the name is free, and its first owner must not come back beside the second.
    try decide(.remove([one], force: true), on: &contents)
    try decide(.join(twin, joining(rack, at: "10.0.0.2:2712")), on: &contents)
    #expect(throws: MutationRefusal.twin(one, of: twin)) {
      try decide(.add(one, at: Address("10.0.0.1:2712"), accept: true), on: &contents)
    }
  }

  @Test("ids that an older release let in beside each other go on, in the case of each")
  func oldTwins() throws {
    var contents = cluster()
    for (place, name) in ["AOS01", "aos01"].enumerated() {
      let id = try InstanceID(name)
      contents.instances[id] = RegisteredInstance(
        id: id, reach: try InstanceReach(Address("10.0.0.\(place + 1):2712")),
        profile: InstanceProfile(role: .server(.application), ownMaximum: 1),
        record: AdmissionRecord(.accepting, at: now, by: "x"), registration: Int64(place),
        revision: 1)
    }
    for (place, name) in ["AOS01", "aos01"].enumerated() {
      let id = try InstanceID(name)
      try decide(.join(id, joining(.local, at: "10.0.0.\(place + 1):2712")), on: &contents)
      try decide(.drain([id], reason: nil, terms: .plain), on: &contents)
      #expect(contents.instances[id]?.admission == .rejecting)
    }
  }
}

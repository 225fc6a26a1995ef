import ClusterModel

@testable import Balancing

/// Suites about a cluster with one access token, `rack`, that may own ids.
protocol TokenCluster {}

extension TokenCluster {
  var now: Timestamp { Timestamp(milliseconds: 1_800_000_000_000) }
  var rack: InstanceOwner { .token(id: "rack", name: "rack") }

  func cluster() -> RegistryContents {
    var contents = RegistryContents(cluster: "TEST", epoch: "e", revision: 1)
    contents.tokens["rack"] = AccessToken(
      id: "rack", name: "rack", role: .instance, hash: Array(repeating: 1, count: 32),
      createdAt: now, createdBy: "root", mostInstances: 9)
    return contents
  }

  func joining(
    _ asker: InstanceOwner, at address: String = "10.0.0.1:2712"
  ) throws -> Joining {
    Joining(
      reach: InstanceReach(try Address(address)),
      profile: InstanceProfile(role: .server(.application), ownMaximum: 10), asker: asker)
  }

  func decide(
    _ mutation: Mutation, on contents: inout RegistryContents, live: LiveView = LiveView(),
    addresses: AddressBook = AddressBook()
  ) throws {
    contents = try Decision(
      mutation, on: contents, live: live, addresses: addresses, actor: "ana", at: now,
      acknowledged: Set(ImpactWarning.allCases)
    ).contents
  }
}

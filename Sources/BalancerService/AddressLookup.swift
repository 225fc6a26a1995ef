internal import Balancing
internal import ClusterClient
internal import ClusterModel

/// Looks up the addresses that a decision compares, before the decision.
struct AddressLookup: Sendable {
  let hosts: HostLookup
  let core: BalancerCore

  /// How long a join or an addition waits for name servers, in milliseconds. After that the known
  /// numbers are used.
  private static let patience: Int64 = 1_000

  /// The numbers of these hosts. The owner of a row pays for the lookup of its hosts, and the asker
  /// for all others.
  func book(of hosts: [String], asker: InstanceOwner) async -> AddressBook {
    guard !hosts.isEmpty else { return AddressBook() }
    let payers = (try? core.read { balancer, _ in balancer.contents.hostPayers }) ?? [:]
    let places = await self.hosts.places(of: hosts, within: Self.patience) {
      payers[$0] ?? asker.text
    }
    return AddressBook(places: places)
  }
}

extension RegistryContents {
  /// Who pays for the lookup of the hosts in rows.
  fileprivate var hostPayers: [String: String] {
    var payers: [String: String] = [:]
    for row in instances.values {
      for address in [row.address, row.servicesAddress].compactMap(\.self) {
        payers[address.host] = row.owner.text
      }
    }
    return payers
  }
}

internal import Balancing
internal import ClusterClient
internal import ClusterModel

/// Finds out, before a decision, where the addresses lead that it compares.
struct AddressLookup: Sendable {
  let hosts: HostLookup
  let core: BalancerCore

  /// A join or an addition waits for name servers no longer than that, in milliseconds; then
  /// what is known counts.
  private static let patience: Int64 = 1_000

  /// Where these lead; nothing where there are none. The owner of a row pays for its hosts, and for
  /// all others who asks.
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
  /// Who pays for looking up the hosts of rows.
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

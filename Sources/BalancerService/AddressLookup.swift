internal import Balancing
internal import ClusterModel
internal import ServiceSupport

/// Finds out, before a decision, where the addresses lead that it compares.
struct AddressLookup: Sendable {
  let hosts: HostLookup

  /// A join or an addition waits for name servers no longer than that, in milliseconds; then
  /// what is known counts.
  private static let patience: Int64 = 1_000

  /// Where these lead; nothing where there are none.
  func book(of hosts: [String]) async -> AddressBook {
    guard !hosts.isEmpty else { return AddressBook() }
    return AddressBook(places: await self.hosts.places(of: hosts, within: Self.patience))
  }
}

internal import Balancing
internal import ClusterModel
internal import ServiceSupport

/// Finds out, before a decision, where the addresses lead that it compares.
struct AddressLookup: Sendable {
  let hosts: HostLookup

  /// A join or an addition waits for name servers no longer than that, in milliseconds; then
  /// what is known counts.
  private static let patience: Int64 = 1_000

  /// What a mutation needs to know of addresses; nothing where it brings no new one.
  func book(for mutation: Balancing.Mutation, on contents: RegistryContents) async -> AddressBook {
    guard let new = mutation.newAddress(on: contents) else { return AddressBook() }
    let rivals = contents.members.filter { $0.address.port == new.port }.map(\.address.host)
    guard !rivals.isEmpty else { return AddressBook() }
    return AddressBook(places: await hosts.places(of: [new.host] + rivals, within: Self.patience))
  }
}

extension Balancing.Mutation {
  /// The address that it brings into the registry, if it brings one.
  fileprivate func newAddress(on contents: RegistryContents) -> Address? {
    switch self {
    case .join(let id, let joining):
      contents.instances[id]?.address == joining.reach.address ? nil : joining.reach.address
    case .add(_, let address, _, _): address
    default: nil
    }
  }
}

internal import ClusterModel

/// Where the names of hosts led when they were looked up, so that `localhost:2713` and
/// `127.0.0.1:2713` are known to be one address. Looking up is the shell's work; without it
/// addresses are compared as text.
package struct AddressBook: Equatable, Sendable {
  /// By a host as an address spells it: every spelling and number that it stands for.
  package var places: [String: Set<String>]

  package init(places: [String: Set<String>] = [:]) {
    self.places = places
  }

  /// Whether both lead to the same port of one host, as far as is known.
  func isSame(_ one: Address, _ other: Address) -> Bool {
    guard one.port == other.port else { return false }
    guard one.host != other.host else { return true }
    guard let places = places[one.host], let others = self.places[other.host] else {
      return false
    }
    return !places.isDisjoint(with: others)
  }
}

internal import ClusterModel

/// A field of an instance that a filter can name: `state:draining`, `load>80`.
package struct FilterField: Equatable, Sendable {
  enum Value: Sendable {
    /// Whether one of its texts meets the condition.
    case text(@Sendable (InstanceStatus, (String) -> Bool) -> Bool)
    /// The number; nil where it has none.
    case number(@Sendable (InstanceStatus) -> Double?)
  }

  package let name: String
  /// For the help screen.
  package let help: String
  let value: Value

  package static func == (left: FilterField, right: FilterField) -> Bool {
    left.name == right.name
  }

  /// An example to type: `state:…`, `load>80`.
  package var example: String {
    if case .number = value { "\(name)>80" } else { "\(name):" }
  }

  /// The message about an unknown field.
  static func complaint(about name: String) -> String {
    let names = all.map(\.name).joined(separator: ", ")
    return "Unknown field \"\(name)\". Fields: \(names) (quotes search for text)."
  }

  static func named(_ name: String) -> FilterField? { byName[name] }

  /// Whether one of the instance's texts contains this text.
  static func hold(_ text: SearchedText, _ instance: InstanceStatus) -> Bool {
    for field in all {
      guard case .text(let said) = field.value else { continue }
      if said(instance, text.isPart(of:)) { return true }
    }
    return false
  }

  private static let byName = Dictionary(
    all.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })

  /// Every field. Filter, help, manual and tests read it.
  package static let all: [FilterField] = texts + Column.all.compactMap(own) + numbers

  /// The field of a column with a text of the instance itself.
  private static func own(_ column: Column) -> FilterField? {
    column.said.map { said in
      let help = column.help.prefix(1).lowercased() + column.help.dropFirst()
      return text(column.name.rawValue, help) { said($0).map($1) ?? false }
    }
  }

  private static let texts: [FilterField] = [
    text("id", "id of the instance") { $1($0.id.text) },
    text("state", "accepting, full, draining, drained, stopped, …") {
      $1($0.state.name) || $1($0.stateText)
        || $0.health.known == .notYetSeen && $1("not yet seen")
    },
    text("role", "balancer, app, batch, app+batch") { $1($0.roleText) },
    text("health", "alive, stopped, unreachable; and why") {
      $1($0.healthText) || $0.healthReason.map($1) ?? false
    },
    text("admission", "accepting or rejecting") { $1($0.admission.rawValue) },
    text("by", "who drained or enabled it") { $1($0.admissionBy) },
    text("reason", "why it was drained or enabled") { $0.admissionReason.map($1) ?? false },
    text("application", "down, and why") {
      ($0.application?.state.rawValue).map($1) ?? false
        || ($0.application?.reason).map($1) ?? false
    },
    text("excluded", "why it is not in the handshake list") {
      ($0.exclusion?.sentence).map($1) ?? false || $0.exclusionText().map($1) ?? false
    },
    text("license", "what the column says: seat 3, none: 2 seats, 3 servers; licensed or not") {
      $1($0.license.name) || $1($0.role.isLoadBalancer ? "–" : $0.licenseText)
        || $0.license.reason.map($1) ?? false
    },
    text("address", "where clients reach it") { $1("\($0.address)") },
  ]

  private static let numbers: [FilterField] = [
    number("load", "sessions and reserved places in percent of the maximum") {
      $0.load.workload.map { $0 * 100 }
    },
    number("sessions", "sessions open now") {
      $0.role.isLoadBalancer ? nil : Double($0.load.connected)
    },
    number("free", "places free") {
      $0.role.isLoadBalancer ? nil : Double($0.load.maximum - $0.load.connected)
    },
    number("max", "most sessions allowed") {
      $0.role.isLoadBalancer ? nil : Double($0.load.maximum)
    },
    number("reserved", "places reserved") {
      $0.role.isLoadBalancer ? nil : Double($0.load.reserved)
    },
    number("seat", "license seat") { $0.license.seat.map(Double.init) },
  ]

  private static func text(
    _ name: String, _ help: String,
    _ said: @escaping @Sendable (InstanceStatus, (String) -> Bool) -> Bool
  ) -> FilterField {
    FilterField(name: name, help: help, value: .text(said))
  }

  private static func number(
    _ name: String, _ help: String, _ value: @escaping @Sendable (InstanceStatus) -> Double?
  ) -> FilterField {
    FilterField(name: name, help: help, value: .number(value))
  }
}

package import CellGrid

/// Something a key does. Lookup, key bar, help screen and tests read the one table of them.
package struct Command: Sendable {
  package enum Group: String, Sendable, CaseIterable {
    case change = "Change the cluster (each asks first)"
    case move = "Move"
    case look = "Look"
    case time = "Look back"
    case choose = "Filter and sort"
    case program = "Program"
  }

  package let keys: [Key]
  /// A word or two for the key bar.
  package let title: String
  package let help: String
  package let group: Group
  /// Its place in a narrow key bar; nil: in the help screen only.
  package let barWeight: Int?
  /// Changes the cluster: refused while read-only or stale.
  package let isMutating: Bool
  /// Works whatever is open: dialogs, filter, help.
  package let isGlobal: Bool
  /// What it is called in the pane of sessions, where it is about one of those.
  let inSessions: (title: String, help: String)?
  let isEnabled: @Sendable (Dashboard) -> Bool
  let run: @Sendable (inout Dashboard) -> [Effect]

  init(
    _ keys: [Key], _ title: String, help: String, group: Group, barWeight: Int? = nil,
    isMutating: Bool = false, isGlobal: Bool = false,
    inSessions: (title: String, help: String)? = nil,
    isEnabled: @escaping @Sendable (Dashboard) -> Bool = { _ in true },
    run: @escaping @Sendable (inout Dashboard) -> [Effect]
  ) {
    self.keys = keys
    self.title = title
    self.help = help
    self.group = group
    self.barWeight = barWeight
    self.isMutating = isMutating
    self.isGlobal = isGlobal
    self.inSessions = inSessions
    self.isEnabled = isEnabled
    self.run = run
  }

  /// A command whose whole work is on the dashboard.
  static func silent(
    _ keys: [Key], _ title: String, help: String, group: Group, barWeight: Int? = nil,
    isEnabled: @escaping @Sendable (Dashboard) -> Bool = { _ in true },
    run: @escaping @Sendable (inout Dashboard) -> Void
  ) -> Command {
    Command(
      keys, title, help: help, group: group, barWeight: barWeight, isEnabled: isEnabled
    ) { dashboard in
      run(&dashboard)
      return []
    }
  }

  /// The keys as the help screen writes them: `↓ j`.
  package var keyNames: String { keys.map(\.description).joined(separator: " ") }
}

extension Command {
  /// Every command once.
  package static let all: [Command] = changes + moves + looks + times + choices + programs

  private static let byKey: [Key: Command] = {
    var table: [Key: Command] = [:]
    for command in all { for key in command.keys { table[key] = command } }
    return table
  }()

  package static func named(by key: Key) -> Command? { byKey[key] }
}

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

  /// Where it works besides the panes.
  enum Reach: Comparable, Sendable {
    case panes
    /// Over the texts that fill the screen too: help, details and alerts.
    case texts
    /// Whatever is open: dialogs, filter, help.
    case everywhere
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
  let reach: Reach
  /// It works below the smallest size of the screen too: quit, suspend and redraw.
  var worksUnseen: Bool { reach == .everywhere || keys == [.character("q")] }
  /// What it is called in the pane of sessions, where it is about one of those.
  let inSessions: (title: String, help: String)?
  /// What it is called as things are; nil: by its title.
  let titleNow: @Sendable (Dashboard) -> String?
  /// It would do something now; else help and key bar do not offer it.
  let isEnabled: @Sendable (Dashboard) -> Bool
  /// Pressed where it is not enabled, it says why.
  let explains: Bool
  let run: @Sendable (inout Dashboard) -> [Effect]

  init(
    _ keys: [Key], _ title: String, help: String, group: Group, barWeight: Int? = nil,
    isMutating: Bool = false, reach: Reach = .panes,
    inSessions: (title: String, help: String)? = nil,
    titleNow: @escaping @Sendable (Dashboard) -> String? = { _ in nil },
    isEnabled: @escaping @Sendable (Dashboard) -> Bool = { _ in true }, explains: Bool = false,
    run: @escaping @Sendable (inout Dashboard) -> [Effect]
  ) {
    self.keys = keys
    self.title = title
    self.help = help
    self.group = group
    self.barWeight = barWeight
    self.isMutating = isMutating
    self.reach = reach
    self.inSessions = inSessions
    self.titleNow = titleNow
    self.isEnabled = isEnabled
    self.explains = explains
    self.run = run
  }

  /// A command whose whole work is on the dashboard.
  static func silent(
    _ keys: [Key], _ title: String, help: String, group: Group, barWeight: Int? = nil,
    reach: Reach = .panes,
    isEnabled: @escaping @Sendable (Dashboard) -> Bool = { _ in true },
    run: @escaping @Sendable (inout Dashboard) -> Void
  ) -> Command {
    Command(
      keys, title, help: help, group: group, barWeight: barWeight, reach: reach,
      isEnabled: isEnabled
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

  /// Those that work over the texts that fill the screen.
  static let texts: [Command] = all.filter { $0.reach == .texts }

  private static let byKey: [Key: Command] = {
    var table: [Key: Command] = [:]
    for command in all { for key in command.keys { table[key] = command } }
    return table
  }()

  package static func named(by key: Key) -> Command? { byKey[key] }
}

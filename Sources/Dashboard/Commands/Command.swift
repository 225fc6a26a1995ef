package import CellGrid

/// The action of a key, and where it works. Lookup, key bar, help screen, dialogs, the manual and
/// tests read the only table of them.
package struct Command: Sendable {
  package enum Group: String, Sendable, CaseIterable {
    case change = "Change the cluster (each asks first)"
    case move = "Move"
    case look = "Look"
    case time = "Look back"
    case choose = "Filter and sort"
    case program = "Program"
    case dialog = "In a dialog"
    case typing = "While a text is typed"
  }

  /// The entry in the key bar.
  struct Offer {
    /// The order of entries: the way back, movement, repairing the connection, news, and all
    /// others.
    enum Rank: CaseIterable {
      case back, move, mend, news, usual
    }

    var title: String
    /// The entries with the highest weight stay longest in a narrow key bar.
    var weight: Int
    var rank = Rank.usual
    /// Several keys share this entry, and a click presses none of them.
    var joint: String?

    init(_ title: String, _ weight: Int, _ rank: Rank = .usual, joint: String? = nil) {
      (self.title, self.weight, self.rank, self.joint) = (title, weight, rank, joint)
    }
  }

  package let keys: [Key]
  /// A word or two for the key bar.
  package let title: String
  package let help: String
  package private(set) var group = Group.program
  /// The places where its keys do this. Elsewhere they do nothing, or something else.
  let places: Set<Place>
  /// Its present entry in the key bar; nil: it is only in the help screen.
  let offer: @Sendable (Dashboard) -> Offer?
  /// Why it can do nothing now, in words; nil where it can. A press of the key shows this, and
  /// neither key bar nor help offers it.
  let obstacle: @Sendable (Dashboard) -> String?
  let run: @Sendable (inout Dashboard, Key) -> [Effect]

  /// - Parameters:
  ///   - weight: The weight of its title in the key bar; nil: it has no entry.
  ///   - offer: Used instead of the weight, where the entry depends on the state.
  init(
    _ keys: [Key], _ title: String, help: String, in places: Set<Place> = .watching,
    weight: Int? = nil, offer: (@Sendable (Dashboard) -> Offer?)? = nil,
    obstacle: @escaping @Sendable (Dashboard) -> String? = { _ in nil },
    byKey run: @escaping @Sendable (inout Dashboard, Key) -> [Effect]
  ) {
    self.keys = keys
    self.title = title
    self.help = help
    self.places = places
    self.offer = offer ?? { _ in weight.map { Offer(title, $0) } }
    self.obstacle = obstacle
    self.run = run
  }

  init(
    _ keys: [Key], _ title: String, help: String, in places: Set<Place> = .watching,
    weight: Int? = nil, offer: (@Sendable (Dashboard) -> Offer?)? = nil,
    obstacle: @escaping @Sendable (Dashboard) -> String? = { _ in nil },
    run: @escaping @Sendable (inout Dashboard) -> [Effect]
  ) {
    self.init(
      keys, title, help: help, in: places, weight: weight, offer: offer,
      obstacle: obstacle, byKey: { dashboard, _ in run(&dashboard) })
  }

  /// A command that only changes the dashboard.
  static func silent(
    _ keys: [Key], _ title: String, help: String, in places: Set<Place> = .watching,
    weight: Int? = nil, offer: (@Sendable (Dashboard) -> Offer?)? = nil,
    obstacle: @escaping @Sendable (Dashboard) -> String? = { _ in nil },
    run: @escaping @Sendable (inout Dashboard) -> Void
  ) -> Command {
    Command(
      keys, title, help: help, in: places, weight: weight, offer: offer,
      obstacle: obstacle
    ) { dashboard in
      run(&dashboard)
      return []
    }
  }

  /// The keys as in the help screen: `↓ j`.
  package var keyNames: String { keys.map(\.description).joined(separator: " ") }
}

extension Command {
  /// Every command of every place.
  package static let all: [Command] = [
    (Group.change, changes), (.move, moves), (.look, looks), (.time, times), (.choose, choices),
    (.program, programs), (.dialog, answers), (.typing, typing),
  ].flatMap { group, commands in
    commands.map { command in
      var command = command
      command.group = group
      return command
    }
  }

  /// The commands of each place, in the order of the table.
  static let byPlace = Dictionary(
    uniqueKeysWithValues: Place.allCases.map { place in
      (place, all.filter { $0.places.contains(place) })
    })

  private static let byKey: [Place: [Key: Command]] = byPlace.mapValues { commands in
    Dictionary(
      commands.flatMap { command in command.keys.map { ($0, command) } },
      uniquingKeysWith: { first, _ in first })
  }

  static func named(by key: Key, in place: Place) -> Command? { byKey[place]?[key] }
}

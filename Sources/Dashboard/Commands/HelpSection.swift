internal import ClusterModel

/// A part of the help screen, and of the manual page.
package struct HelpSection: Sendable {
  package struct Line: Sendable {
    /// A key, a title, or words as on the screen.
    package let term: String
    package let text: String
    /// The command that it is about, if any.
    let command: Command?

    func isSeen(in place: Place) -> Bool { command?.places.contains(place) ?? true }
  }

  package let title: String
  package let lines: [Line]
  /// The places that it is mainly about.
  let places: Set<Place>

  private init(_ title: String, about places: Set<Place> = [], _ lines: [(String, String)]) {
    self.title = title
    self.lines = lines.map { Line(term: $0, text: $1, command: nil) }
    self.places = places
  }

  private init(keysOf group: Command.Group) {
    title = group.rawValue
    lines = Command.all.filter { $0.group == group }
      .map { Line(term: $0.keyNames, text: $0.help, command: $0) }
    places = []
  }

  /// Whether it has lines for this place.
  func isSeen(in place: Place) -> Bool { lines.contains { $0.isSeen(in: place) } }

  /// Every section once, in the order of the manual.
  package static let all =
    Command.Group.allCases.map(HelpSection.init(keysOf:)) + [
      header, columns, filter, states, list, actions, sessions, cluster, alerts, mouse,
    ]

  private static let columns = HelpSection(
    "Columns", about: [.instances, .detail], Column.all.map { ($0.title, $0.help) })

  private static let filter = HelpSection(
    "Filter", about: [.instances],
    [
      ("words", "all must occur, in any order, in any column"),
      ("-word", "must not occur"),
      ("!words", "inverts the filter: shows all others"),
      ("\"some words\"", "an exact phrase"),
      ("a b | c", "a and b, or c"),
      ("name:text", "this field contains the text; with = it is the text"),
      ("name>80", "this number is higher; likewise < >= <= ="),
    ] + FilterField.all.map { ($0.example, $0.help) })

  private static let alerts = HelpSection(
    "Alerts", about: [.alerts],
    [
      (
        "3 ACTIVE 1 NEW",
        "in the header: active alerts, and new ones since the list was last opened (a)"
      ),
      ("critical", "something does not work, or is about to"),
      ("warning", "something needs attention"),
    ] + Alert.Kind.allCases.map { ("·", $0.help) })

  private static let header = HelpSection(
    "Header",
    [
      ("clients 3/7", "3 of 7 servers for interactive clients accept new clients"),
      ("batch 1/2", "the same for batch"),
      ("sessions", "open on all servers; lost: on servers that do not answer"),
      (
        "list 217+3/440",
        "open, reserved and maximum sessions of the servers in the handshake list; the load in "
          + "percent includes reserved places, as LOAD does"
      ),
      ("4.2 hs/s", "handshakes per second, all balancers together"),
      ("lic 2/3", "license seats in use and available; SHORT: servers without one"),
      ("[RW] [RO]", "whether keys can change the cluster now"),
      ("live STALE", "whether the picture is kept up to date, or since when it is not"),
    ])

  private static let list = HelpSection(
    "Handshake list", about: [.list],
    [
      ("#", "rank: clients try the servers in this order"),
      ("▲ ▼", "beside a rank: moved by two places or more, just now or in the last step in time"),
      ("RES", "places reserved for clients on their way"),
      ("NEXT", "share of the next 10 clients that would start here"),
      ("not in the list", "every other instance, with the reason"),
    ])

  private static let actions = HelpSection(
    "Events", about: [.actions],
    [
      ("✖ ● ·", "happened without an operator: a problem, its end, anything else"),
      ("you", "your request: refused, or not answered yet"),
      ("$ aosctl", "the aosctl command for the line above"),
      ("not delivered", "committed; the instance has not received it yet"),
    ])

  private static let sessions = HelpSection(
    "Sessions", about: [.sessions, .detail],
    [
      ("USER COMPUTER", "as the client named them"),
      ("KIND", "client, batch or service"),
      ("SINCE", "when the session was opened"),
      ("ACTIVE", "last reported activity; a dash where none is reported"),
    ])

  private static let cluster = HelpSection(
    "Cluster, last hour", about: [.cluster],
    [
      ("sessions", "open sessions; the line above them: capacity of the servers that take clients"),
      ("handshakes/s", "handshakes per second, all balancers together"),
      (
        "spread",
        "load of the fullest minus load of the emptiest server that takes clients, in points"
      ),
      ("┬", "a drain began, or a server was lost"),
    ])

  private static let mouse = HelpSection(
    "Mouse (with --mouse)",
    [
      ("click", "selects a row, sorts by a column, presses a button or a key of the last line"),
      ("wheel", "scrolls the pane under the pointer"),
    ])

  private static let states = HelpSection(
    "States", about: [.instances, .detail],
    [
      ("!", "the state has just changed"),
      ("*", "before a row: it is tagged"),
      ("accepting", "takes new clients"),
      ("full", "no place is free; last in the list"),
      ("draining", "takes no new clients; sessions are still open"),
      ("drained", "takes no new clients; no session is open"),
      ("drain pending", "committed; the instance has not received the order yet"),
      ("stopped", "was shut down in an orderly way"),
      ("unreachable", "does not answer"),
      ("never connected", "was added and has not connected yet"),
      ("unlicensed", "no license seat is left for it"),
      ("balancing", "a dedicated load balancer at work"),
    ])
}

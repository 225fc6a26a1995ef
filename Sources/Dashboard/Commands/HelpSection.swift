internal import ClusterModel

/// A part of the help screen, and of the manual page.
package struct HelpSection: Sendable {
  package struct Line: Sendable {
    /// A key, a title, or words as they stand on the screen.
    package let term: String
    package let text: String
    /// Where it is about a command.
    let command: Command?

    func isSeen(in place: Place) -> Bool { command?.places.contains(place) ?? true }
  }

  package let title: String
  package let lines: [Line]
  /// The places it is about first of all.
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

  /// It has something to say there.
  func isSeen(in place: Place) -> Bool { lines.contains { $0.isSeen(in: place) } }

  /// Every part once, in the order of the manual.
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
      ("-word", "leaves out what the word names"),
      ("!words", "shows all others"),
      ("\"some words\"", "an exact phrase"),
      ("a b | c", "a and b, or c"),
      ("name:text", "the text stands in this field; = asks for all of it"),
      ("name>80", "the number is higher; so < >= <= ="),
    ] + FilterField.all.map { ($0.example, $0.help) })

  private static let alerts = HelpSection(
    "Alerts", about: [.alerts],
    [
      (
        "3 ACTIVE 1 NEW",
        "in the header: alerts that are active now, and those since the list (a) was opened"
      ),
      ("critical", "something does not work, or is about to"),
      ("warning", "something wants to be looked at"),
    ] + Alert.Kind.allCases.map { ("·", $0.help) })

  private static let header = HelpSection(
    "Header",
    [
      ("clients 3/7", "3 of 7 servers for interactive clients take new ones"),
      ("batch 1/2", "likewise for batch"),
      ("sessions", "open on all servers; those of servers that are away are lost"),
      (
        "list 217+3/440",
        "open, reserved and allowed on the servers of the handshake list; their load in percent "
          + "counts what is reserved, as LOAD does"
      ),
      ("4.2 hs/s", "handshakes a second of all balancers"),
      ("lic 2/3", "license seats in use and available; SHORT: servers without one"),
      ("[RW] [RO]", "whether keys can change the cluster now"),
      ("live STALE", "whether the picture is kept up to date, or since when it is not"),
    ])

  private static let list = HelpSection(
    "Handshake list", about: [.list],
    [
      ("#", "rank: clients are given the servers in this order"),
      ("▲ ▼", "beside a rank: up or down by two places or more, just now or by a step in time"),
      ("RES", "places reserved for clients on their way"),
      ("NEXT", "share of the next 10 clients that would start here"),
      ("not in the list", "every other instance, with the reason"),
    ])

  private static let actions = HelpSection(
    "Events", about: [.actions],
    [
      ("✖ ● ·", "what happened by itself: bad, good again, neither"),
      ("you", "asked for here, and refused or without an answer yet"),
      ("$ aosctl", "the command that does the same as the line above it"),
      ("not delivered", "committed; the instance was not told yet"),
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
      ("sessions", "open sessions; the line above them: places of the servers that take clients"),
      ("handshakes/s", "handshakes that were answered a second"),
      (
        "spread",
        "points of workload between the fullest and the emptiest server that takes clients"
      ),
      ("┬", "when a drain began, or a server was lost"),
    ])

  private static let mouse = HelpSection(
    "Mouse (with --mouse)",
    [
      ("click", "selects a row, sorts by a column, presses a button or a key of the last line"),
      ("wheel", "moves in the pane below it"),
    ])

  private static let states = HelpSection(
    "States", about: [.instances, .detail],
    [
      ("!", "the state has just changed"),
      ("*", "in front of the row: it is tagged"),
      ("accepting", "takes new clients"),
      ("full", "every place is taken; stays in the list, last"),
      ("draining", "takes no new clients; sessions are left"),
      ("drained", "takes no new clients; no session is left"),
      ("drain pending", "committed; the instance was not told yet"),
      ("stopped", "said goodbye"),
      ("unreachable", "does not answer"),
      ("never connected", "was added and has not started yet"),
      ("unlicensed", "no license seat is left for it"),
      ("balancing", "a dedicated load balancer at work"),
    ])
}

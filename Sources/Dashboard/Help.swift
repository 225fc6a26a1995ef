internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// The help screen, from the tables of commands and columns.
  func helpLines(columns: Int) -> [StyledText] {
    var lines: [StyledText] = []
    for group in Command.Group.allCases {
      var title = StyledText(group.rawValue, .bold)
      if group == .change, let refusal { title.append("  — not now: \(refusal)") }
      lines += [title]
      lines += Command.all.filter { $0.group == group }.map { command in
        let isOff = command.isMutating && refusal != nil
        return StyledText(
          "  " + command.keyNames.padding(to: 16) + command.help, Style(isDim: isOff))
      }
      lines.append(StyledText())
    }
    lines.append(StyledText("Header", .bold))
    lines += Self.header.map { StyledText("  " + $0.0.padding(to: 16) + $0.1) }
    lines.append(StyledText())
    lines.append(StyledText("Columns", .bold))
    lines += Column.all.map { column in
      StyledText("  " + column.title.padding(to: 16) + column.help)
    }
    lines.append(StyledText())
    lines.append(StyledText("Filter: words in any order, and", .bold))
    lines += Self.filter.map { StyledText("  " + $0.0.padding(to: 16) + $0.1) }
    lines += FilterField.all.map { StyledText("  " + $0.example.padding(to: 16) + $0.help) }
    lines.append(StyledText())
    lines.append(StyledText("Alerts tell when", .bold))
    lines += Alert.Kind.allCases.map { StyledText("  " + $0.help) }
    lines.append(StyledText())
    lines.append(StyledText("States", .bold))
    lines += Self.states.map { StyledText("  " + $0.0.padding(to: 16) + $0.1) }
    return lines
  }

  private static let header: [(String, String)] = [
    ("servers 3/8", "3 of 8 servers take new clients"),
    ("sessions", "open on all servers"),
    ("list 217/440", "open and allowed on the servers of the handshake list"),
    ("NEXT", "of the next 10 handshakes, how many it would be first for"),
    ("1▲ 2▼", "went up or down in the handshake list a moment ago"),
    ("handshakes", "answered by this balancer, and how many a second"),
    ("seats", "license seats in use and available"),
    ("[RW] [RO]", "whether keys can change the cluster"),
  ]

  private static let filter: [(String, String)] = [
    ("-word", "leaves out what the word names"),
    ("!words", "shows all others"),
    ("name:text", "the text stands in this field; = asks for all of it"),
    ("name>80", "the number is higher; so < >= <= ="),
  ]

  private static let states: [(String, String)] = [
    ("accepting", "takes new clients"),
    ("full", "every place is taken; stays in the list, last"),
    ("draining", "takes no new clients; sessions are left"),
    ("drained", "takes no new clients; no session is left"),
    ("drain pending", "committed; the instance was not told yet"),
    ("stopped", "said goodbye"),
    ("unreachable", "does not answer"),
    ("not yet seen", "was added and has not come yet"),
    ("unlicensed", "no license seat is left for it"),
    ("balancing", "a dedicated load balancer at work"),
  ]
}

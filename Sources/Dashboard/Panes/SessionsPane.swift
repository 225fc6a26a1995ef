internal import CellGrid
internal import ClusterModel

extension Dashboard {
  func drawSessions(into grid: inout Grid, _ part: Rectangle) {
    if isSearching { return drawFound(into: &grid, part) }
    // Who is connected is only known of the present.
    let closeUp = origin.isOfNow ? closeUp : nil
    let count = closeUp?.visible?.count
    let name = selected?.text ?? "no instance"
    let counted = count.map { sessionCount($0, of: closeUp?.sessions?.count ?? 0) } ?? ""
    let window = windowText(
      count ?? 0, height: part.rows - 2, offset: view.offsets[.sessions])
    Rule(
      title: paneTitle(.sessions, "Sessions of \(name)\(counted)"),
      note: StyledText(window ?? "")
    ).draw(into: &grid, row: part.row, column: part.column, width: part.columns)
    let inner = part.split(top: 1).rest.split(left: 2).rest
    guard let closeUp, let sessions = closeUp.visible, !sessions.isEmpty else {
      let lines = StyledText.wrapped(sessionsRemark, columns: inner.columns)
      for (row, line) in lines.prefix(inner.rows).enumerated() {
        grid.put(line, row: inner.row + row, column: inner.column, width: inner.columns)
      }
      return
    }
    let table = sessionTable(sessions, columns: inner.columns)
    table.drawTitles(into: &grid, row: inner.row, column: inner.column)
    let first = min(view.offsets[.sessions] ?? 0, sessions.count - 1)
    for (line, session) in sessions.dropFirst(first).prefix(max(0, inner.rows - 1)).enumerated() {
      let row = inner.row + 1 + line
      let fields = sessionFields(session)
      table.drawRow(into: &grid, row: row, column: inner.column) { place in
        StyledText(fields[place.index], place.index == 0 ? .bold : .plain)
      }
      drawSessionTag(
        FoundSession(session, at: closeUp.id), into: &grid, row: row, column: part.column + 1)
      guard session.session == closeUp.cursor else { continue }
      grid.put("▸", row: row, column: part.column, style: .bold)
      grid.restyle(Rectangle(row: row, column: part.column, rows: 1, columns: part.columns)) {
        $0.underCursor
      }
    }
  }

  /// For a title: `: 3 of 40 ─ /ana ─ 2 tagged`.
  func sessionCount(_ shown: Int, of all: Int) -> String {
    let count = shown == all ? Format.grouped(all) : "\(Format.grouped(shown)) of \(all)"
    let filter = view.sessionFilter.isEmpty ? "" : " ─ /\(PlainText.cleaned(view.sessionFilter))"
    let tagged = taggedSessions.count
    return ": \(count)\(filter)" + (tagged > 0 ? " ─ \(Format.grouped(tagged)) tagged" : "")
  }

  func drawSessionTag(_ found: FoundSession, into grid: inout Grid, row: Int, column: Int) {
    guard view.sessionTags.contains(SessionKey(found)) else { return }
    grid.put("*", row: row, column: column, style: .bold)
  }

  /// Why no session is shown.
  var sessionsRemark: String {
    if !origin.isOfNow { return "sessions are shown only live, not in the past" }
    guard let closeUp, let instance = shown?[closeUp.id] else { return "—" }
    if instance.role.isLoadBalancer { return "a dedicated load balancer takes no sessions" }
    if let refusal = closeUp.refusal { return "not known: \(refusal)" }
    if closeUp.sessions == nil, picture.origin == .paused { return "not asked for while paused" }
    if closeUp.sessions == nil { return feed.isLive ? "asking \(closeUp.id)" : "not known" }
    let hasAny = closeUp.sessions?.isEmpty == false
    return hasAny ? "nothing matches; Esc clears" : "no session is open"
  }

  /// The sessions as lines, for the details.
  func sessionLines(columns: Int) -> [StyledText] {
    guard origin.isOfNow, let sessions = closeUp?.visible, !sessions.isEmpty else {
      return StyledText.wrapped(sessionsRemark, columns: columns)
    }
    // The mark of the cursor is before the table.
    let table = sessionTable(sessions, columns: columns - 2)
    var grid = Grid(size: Size(columns: columns, rows: 1))
    table.drawTitles(into: &grid, row: 0, column: 2)
    var lines = [StyledText(grid.line(0), .bold)]
    let picked = isPickingSession ? closeUp?.cursor : nil
    for session in sessions {
      let fields = sessionFields(session)
      grid.fill(Rectangle(grid.size))
      table.drawRow(into: &grid, row: 0, column: 2) { StyledText(fields[$0.index]) }
      let isPicked = session.session == picked
      if isPicked { grid.put("▸", row: 0, column: 0) }
      let line = isPicked ? grid.line(0).padding(to: columns) : grid.line(0)
      lines.append(StyledText(line, isPicked ? Style.plain.underCursor : .plain))
    }
    return lines
  }

  private func sessionTable(_ sessions: [SessionInfo], columns: Int) -> Table {
    Table(sessionColumns(sessions), width: columns, gap: 2)
  }

  func sessionColumns(_ sessions: [SessionInfo]) -> [Table.Column] {
    // Empty columns are left out.
    let hasTraffic = sessions.contains { $0.connections != nil }
    let titles = hasTraffic ? Self.sessionTitles : Array(Self.sessionTitles.prefix(5))
    var widths = titles.map(\.columns)
    for session in sessions {
      widths[0] = max(widths[0], min(30, session.userText.columns))
      widths[1] = max(widths[1], min(30, session.computerText.columns))
    }
    (widths[2], widths[3], widths[4]) = (6, 18, 9)
    if hasTraffic { widths.replaceSubrange(5..., with: [4, 6, 6]) }
    let weights = hasTraffic ? [100, 80, 60, 55, 72, 64, 65, 66] : [100, 80, 60, 70, 50]
    return widths.indices.map { index in
      Table.Column(
        title: StyledText(titles[index], .bold), width: widths[index], weight: weights[index])
    }
  }

  /// After the fifth: open connections to the application, and bytes from the client and to it.
  private static let sessionTitles = [
    "USER", "COMPUTER", "KIND", "SINCE", "ACTIVE", "CONN", "IN", "OUT",
  ]

  func sessionFields(_ session: SessionInfo) -> [String] {
    let clock = picture.clock
    let age = Format.span(milliseconds: clock.milliseconds(since: session.since))
    let active = session.activeAt.map {
      Format.span(milliseconds: clock.milliseconds(since: $0)) + " ago"
    }
    return [
      session.userText, session.computerText, session.kind.rawValue,
      "\(Format.second(session.since)) (\(age))", active ?? "—",
      session.connections.map(Format.grouped) ?? "—",
      session.bytesFromClient.map(Format.bytes) ?? "—",
      session.bytesFromApplication.map(Format.bytes) ?? "—",
    ]
  }
}

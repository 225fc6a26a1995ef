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
    let names = sessions.reduce(into: (user: 4, computer: 8)) { names, session in
      names.user = max(names.user, min(30, session.userText.columns))
      names.computer = max(names.computer, min(30, session.computerText.columns))
    }
    var columns = [
      Self.column("USER", names.user, weight: 100),
      Self.column("COMPUTER", names.computer, weight: 80), Self.column("KIND", 6, weight: 60),
      Self.column("SINCE", 18, weight: hasTraffic ? 55 : 70),
      Self.column("ACTIVE", 9, weight: hasTraffic ? 72 : 50),
    ]
    guard hasTraffic else { return columns }
    // Connections to the application that are open, and bytes from the client and to it.
    columns += [
      Self.column("CONN", 4, weight: 64), Self.column("IN", 6, weight: 65),
      Self.column("OUT", 6, weight: 66),
    ]
    let someGetNone = sessions.contains { !$0.getsNotices }
    return someGetNone ? columns + [Self.column("NOTICES", 7, weight: 63)] : columns
  }

  private static func column(_ title: String, _ width: Int, weight: Int) -> Table.Column {
    Table.Column(title: StyledText(title, .bold), width: width, weight: weight)
  }

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
      session.getsNotices ? "yes" : "none",
    ]
  }
}

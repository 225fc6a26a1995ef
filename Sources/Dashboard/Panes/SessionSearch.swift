internal import CellGrid
internal import ClusterModel

/// The user or computer whose sessions are searched: `ana`, `*ana`, `computer:pc7`.
package struct SessionQuery: Hashable, Sendable {
  package var user: String?
  package var computer: String?

  static let examples = "ana, *ana, computer:pc7"
  static let longest = 60

  /// - Returns: Nil for a text without a name.
  init?(_ text: String) {
    let mark = "computer:"
    let isComputer = text.lowercased().hasPrefix(mark)
    let name = String((isComputer ? text.dropFirst(mark.count) : text[...]).drop { $0 == " " })
    guard name.contains(where: { $0 != " " && $0 != "*" }) else { return nil }
    (user, computer) = isComputer ? (nil, name) : (name, nil)
  }

  /// For a title: `Sessions of ana`, `Sessions on pc7`.
  var words: String {
    computer.map { "on \(PlainText.cleaned($0))" } ?? "of \(PlainText.cleaned(user ?? ""))"
  }
}

/// What the pane of sessions shows instead of those of one instance.
struct SessionSearch: Equatable, Sendable {
  var query: SessionQuery
  var pending: RequestToken?
  var found: SessionFindings?
  /// Why there is no answer, in the balancer's own words.
  var refusal: String?
  var cursor = 0

  /// The sessions that match every word of a filter.
  func visible(_ filter: String) -> [FoundSession] {
    let words = filter.split(separator: " ").map { SearchedText(String($0)) }
    let all = found?.sessions ?? []
    return words.isEmpty ? all : all.filter { $0.info.holds(words) }
  }

  func selected(_ filter: String) -> FoundSession? {
    let sessions = visible(filter)
    return sessions.indices.contains(cursor) ? sessions[cursor] : nil
  }
}

extension Dashboard {
  var isSearching: Bool { view.pane == .sessions && search != nil && !isPickingSession }

  /// Why no search is possible now.
  var obstacleToAsking: String? {
    if !origin.isOfNow { return "sessions are shown only live, not in the past" }
    return feed.isLive ? nil : "no connection to a balancer"
  }

  mutating func startFind() {
    view.findText = ""
    view.isHelpOverLine = false
    view.lineCursor = LineCursor()
    typedBefore.leave()
  }

  /// A key while the operator types the name.
  mutating func typeFind(_ key: Key) {
    guard let text = view.findText else { return }
    if case .character(let character) = key {
      let longer = view.lineCursor.inserting(character, into: text)
      guard longer.count <= SessionQuery.longest,
        let fit = try? PlainText.checkedSentence(longer, field: "name")
      else { return }
      view.findText = fit
    } else if let edited = view.lineCursor.edit(text, by: key) {
      view.findText = edited
    }
    if view.findText != text { typedBefore.leave() }
  }

  mutating func recallFind(_ key: Key) -> [Effect] {
    guard let text = view.findText,
      let before = typedBefore.recall(key == .up ? 1 : -1, .find, from: text)
    else { return [] }
    view.findText = before
    view.lineCursor = LineCursor()
    return []
  }

  /// Asks the balancer, and shows the pane for the answer.
  mutating func find() -> [Effect] {
    let text = view.findText ?? ""
    view.findText = nil
    guard !text.isEmpty else { return [] }
    guard let query = SessionQuery(text) else {
      say("Not a name: \"\(text)\". Try \(SessionQuery.examples).", .bad)
      return []
    }
    typedBefore.keep(text, .find)
    overlay = .none
    focus(.sessions)
    view.offsets[.sessions] = 0
    let token = log.token()
    search = SessionSearch(query: query, pending: token)
    return [.findSessions(token, query)]
  }

  /// Takes the answer to a search.
  ///
  /// - Returns: False where the answer is for something else.
  mutating func takeSearch(_ answer: Answer, for token: RequestToken) -> Bool {
    guard search?.pending == token else { return false }
    search?.pending = nil
    switch answer {
    case .found(let found): search?.found = found
    case .refused(let words, _), .failed(let words): search?.refusal = PlainText.cleaned(words)
    case .done, .sessions, .history, .ended: break
    }
    return true
  }

  mutating func moveFound(by step: Int) {
    let count = listedSessions.count
    guard let search, count > 0 else { return }
    let bounded = min(max(step, -count), count)
    self.search?.cursor = min(max(search.cursor + bounded, 0), count - 1)
    let height = layout.rows(of: .sessions)
    guard height > 0, let row = self.search?.cursor else { return }
    let offset = view.offsets[.sessions] ?? 0
    view.offsets[.sessions] = min(max(offset, row - height + 1), row)
  }

  /// The session under the cursor and its server.
  var pickedSession: FoundSession? {
    if isSearching { return search?.selected(view.sessionFilter) }
    guard let closeUp, let session = closeUp.selectedSession else { return nil }
    return FoundSession(session, at: closeUp.id)
  }

  /// Why nothing is listed, or what is missing; empty where everything was found.
  var searchRemark: String {
    guard let search else { return "" }
    if let refusal = search.refusal { return "not known: \(refusal)" }
    guard let found = search.found else { return "asking all servers" }
    var parts: [String] = []
    if found.sessions.isEmpty { parts.append("no such session is open") }
    if found.more { parts.append("there are more than these") }
    if !found.unanswered.isEmpty {
      parts.append("no answer: " + found.unanswered.map(\.id.text).joined(separator: ", "))
    }
    return parts.joined(separator: "; ")
  }

  func drawFound(into grid: inout Grid, _ part: Rectangle) {
    guard let search else { return }
    let sessions = search.visible(view.sessionFilter)
    let first = min(view.offsets[.sessions] ?? 0, max(0, sessions.count - 1))
    let counted = search.found.map { sessionCount(sessions.count, of: $0.sessions.count) } ?? ""
    let window = windowText(sessions.count, height: part.rows - 3, offset: first)
    Rule(
      title: paneTitle(.sessions, "Sessions \(search.query.words) on all servers\(counted)"),
      note: StyledText(window ?? "")
    ).draw(into: &grid, row: part.row, column: part.column, width: part.columns)
    let inner = part.split(top: 1).rest.split(left: 2).rest
    let remark = StyledText.wrapped(searchRemark, columns: inner.columns).prefix(1)
    for line in remark where inner.rows > 0 {
      grid.put(
        line, row: sessions.isEmpty ? inner.row : inner.endRow - 1, column: inner.column,
        width: inner.columns)
    }
    guard !sessions.isEmpty else { return }
    let table = foundTable(sessions, columns: inner.columns)
    table.drawTitles(into: &grid, row: inner.row, column: inner.column)
    let height = max(0, inner.rows - 1 - remark.count)
    for (line, found) in sessions.dropFirst(first).prefix(height).enumerated() {
      let row = inner.row + 1 + line
      let fields = [found.instance.text] + sessionFields(found.info)
      table.drawRow(into: &grid, row: row, column: inner.column) { place in
        StyledText(fields[place.index], place.index < 2 ? .bold : .plain)
      }
      drawSessionTag(found, into: &grid, row: row, column: part.column + 1)
      guard first + line == search.cursor else { continue }
      grid.put("▸", row: row, column: part.column, style: .bold)
      grid.restyle(Rectangle(row: row, column: part.column, rows: 1, columns: part.columns)) {
        $0.underCursor
      }
    }
  }

  private func foundTable(_ sessions: [FoundSession], columns: Int) -> Table {
    let ids = sessions.reduce(8) { max($0, min(24, $1.instance.text.columns)) }
    let first = Table.Column(title: StyledText("INSTANCE", .bold), width: ids, weight: 110)
    return Table([first] + sessionColumns(sessions.map(\.info)), width: columns, gap: 2)
  }
}

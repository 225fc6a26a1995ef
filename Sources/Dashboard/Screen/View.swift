internal import CellGrid
internal import ClusterModel

/// The operator's choice of what to see, and how. It is kept across reconnects.
struct View: Equatable, Sendable {
  var pane = Pane.instances
  /// The instance that the operator selected last. It stays even while it is hidden or away.
  var cursor: InstanceID?
  /// The instance that has the cursor meanwhile.
  var standIn: InstanceID?
  /// The row of the cursor when it was last visible.
  var cursorRow = 0
  /// The event under the cursor of the events pane; nil: the newest.
  var eventCursor: TimedAction.Name?
  /// The time of the past event to which the operator jumped.
  var jump: Timestamp?
  /// The first visible row in each pane.
  var offsets: [Pane: Int] = [:]
  var tags: Set<InstanceID> = []
  var filter: Filter
  /// The filter before the operator began to change it.
  var filterBefore: String?
  /// The position of the cursor in the line that is being typed.
  var lineCursor = LineCursor()
  /// The time that is being typed; nil: none.
  var timeText: String?
  /// The filter of the sessions, and whether it is being typed.
  var sessionFilter = ""
  var isFilteringSessions = false
  var sessionTags: Set<SessionKey> = []
  /// The user or computer that is being typed; nil: none.
  var findText: String?
  /// Whether the help was opened from that line, and covers it.
  var isHelpOverLine = false
  var sort: SortOrder
  /// Whether the visible part follows the cursor's instance.
  var isFollowing = true
  var isReadOnly = false
  /// The order of rows is held until this time, after a key that moved the cursor.
  var heldUntil: Int64?

  /// How long it is held.
  static let holdMilliseconds: Int64 = 3_000

  init(options: DashboardOptions) {
    filter = Filter(text: options.filter, thresholds: options.thresholds)
    sort = options.sort
  }

  var isEditingFilter: Bool { filterBefore != nil }
}

extension Dashboard {
  /// The ids through which the cursor moves in a pane, from the top.
  func order(of pane: Pane) -> RowOrder {
    guard pane == .list, let shown else { return RowOrder(first: rows.ids) }
    return RowOrder(first: shown.handshakeList, second: rows.excluded)
  }

  /// The instance under the cursor; nil where no row is visible.
  var selected: InstanceID? {
    if view.pane.hasInstances, order(of: view.pane).isEmpty { return nil }
    if isSearching { return pickedSession.flatMap { shown?[$0.instance]?.id } }
    if view.pane == .actions { return instanceOfEvent.flatMap { shown?[$0] == nil ? nil : $0 } }
    return view.standIn ?? view.cursor
  }

  /// Moves the cursor by this many rows, or scrolls a text.
  mutating func move(by step: Int) {
    if palette != nil { return chooseCommand(by: step) }
    if isPickingSession { return moveSession(by: step) }
    if let offset = overlay.offset { return scroll(from: offset, by: step) }
    if view.pane == .actions { return moveEvent(by: step) }
    if isSearching { return moveFound(by: step) }
    if view.pane == .sessions {
      moveSession(by: step)
      return
    }
    if view.pane == .cluster { return }
    let order = order(of: view.pane)
    guard !order.isEmpty else { return }
    let hint = view.cursorRow
    let place = selected.flatMap { order.place(of: $0, near: hint) } ?? hint
    // Limited before the addition, so that no step overflows.
    go(to: min(max(place + min(max(step, -order.count), order.count), 0), order.count - 1))
  }

  /// Puts the cursor on an existing row, and holds the order of rows for a while.
  mutating func go(to place: Int) {
    view.cursor = order(of: view.pane)[place]
    view.standIn = nil
    view.cursorRow = place
    view.heldUntil = now + View.holdMilliseconds
    scrollToCursor()
  }

  /// Scrolls a text that fills the screen, but not beyond its last line.
  private mutating func scroll(from offset: Int, by step: Int) {
    let last = max(0, overlayLines(columns: size.columns - 4).count - (pageRows + 1))
    overlay.offset = min(max(0, offset + step), last)
  }

  /// How many rows a page is.
  var pageRows: Int {
    max(1, overlay == .none ? layout.rows(of: view.pane) - 1 : layout.body.rows - 3)
  }

  /// Updates the cursor after rows came, went or moved.
  mutating func settleCursor() {
    let order = order(of: view.pane)
    guard !order.isEmpty else {
      view.standIn = nil
      return
    }
    let hint = view.cursorRow
    if let cursor = view.cursor, let place = order.place(of: cursor, near: hint) {
      view.standIn = nil
      view.cursorRow = place
    } else if let standIn = view.standIn, let place = order.place(of: standIn, near: hint) {
      view.cursorRow = place
    } else {
      view.cursorRow = min(max(0, view.cursorRow), order.count - 1)
      if view.cursor == nil {
        view.cursor = order[view.cursorRow]
      } else {
        view.standIn = order[view.cursorRow]
      }
    }
    if view.isFollowing { scrollToCursor() } else { clampOffset(in: layout) }
  }

  private mutating func scrollToCursor() {
    let layout = layout
    let height = layout.rows(of: view.pane)
    guard view.pane.hasInstances, height > 0 else { return }
    let offset = view.offsets[view.pane] ?? 0
    view.offsets[view.pane] = min(
      max(offset, view.cursorRow - height + 1), view.cursorRow)
    clampOffset(in: layout)
  }

  /// No pane is scrolled beyond its end.
  private mutating func clampOffset(in layout: Layout) {
    for pane in Pane.allCases {
      let last = max(0, lineCount(of: pane, in: layout) - layout.rows(of: pane))
      view.offsets[pane] = min(max(0, view.offsets[pane] ?? 0), last)
    }
  }

  func lineCount(of pane: Pane, in layout: Layout) -> Int {
    switch pane {
    case .actions: actionLineCount(in: layout.actions)
    case .sessions:
      isSearching ? listedSessions.count : closeUp?.visible?.count ?? 0
    case .cluster: 0
    case .instances, .list: order(of: pane).count
    }
  }
}

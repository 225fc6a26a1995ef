internal import CellGrid
internal import ClusterModel

/// The places of the parts of the screen.
///
///     header            header
///     totals            totals
///     [banner]          [banner]: STALE, PAUSED
///     ─ instances ──    ─ instances ────────────
///     …                 …
///     ─ list ───────    ─ list ─  ─ cluster ────
///     ─ cluster ────    …         …
///     ─ actions ────    ─ actions ──────────────
///     message           message
///     keys              keys
///
/// The right layout is used from 110 columns on, if all rows of the table and of the list fit. The
/// table has the whole width in both: more room never shows less. If there is too little height,
/// the cluster is one line, and at last the focused pane has the whole screen.
struct Layout: Equatable, Sendable {
  var bannerRow: Int?
  /// Each with its title line; nil where there is no room for it.
  var instances: Rectangle?
  var list: Rectangle?
  var actions: Rectangle?
  /// In place of the actions, while it is focused.
  var sessions: Rectangle?
  var cluster: Rectangle?
  /// The list where all of it is in a few lines; nil: it has a line for each instance.
  var listFlow: [StyledText]?
  /// All of the table is in sight.
  var listIsWhole = true
  var messageRow: Int
  var keyRow: Int
  var body: Rectangle

  static let smallest = Size(columns: 40, rows: 8)
  static func fits(_ size: Size) -> Bool {
    size.columns >= smallest.columns && size.rows >= smallest.rows
  }
  /// Wide enough for the longest reason beside an id of eight characters.
  private static let listColumns = 46
  /// With the title: the least height of readable charts; otherwise there is one line.
  private static let chartRows = 9
  private static let lineRows = 2
  /// The height of the body from which the cluster is visible below a table.
  private static let leastRowsWithLine = 16

  /// The amount of contents.
  struct Needs {
    var instances: Int
    var listed: Int
    var excluded: Int
    /// The list in at most this many lines; computed only if it is written so.
    var listFlow: (_ mostLines: Int) -> [StyledText]
    var actionLines: () -> Int

    /// The number of lines of the list as a table: all servers, the excluded instances, and the
    /// titles.
    var listRows: Int { max(1, listed) + excluded + (excluded > 0 ? 3 : 2) }
  }

  init(size: Size, focus: Pane, hasBanner: Bool, needs: Needs) {
    bannerRow = hasBanner ? 2 : nil
    keyRow = size.rows - 1
    messageRow = size.rows - 2
    let top = hasBanner ? 3 : 2
    body = Rectangle(row: top, column: 0, rows: size.rows - top - 2, columns: size.columns)
    // The sessions take the place of the actions.
    let isSessions = focus == .sessions
    let focus = isSessions ? .actions : focus
    defer { if isSessions { (sessions, actions) = (actions, nil) } }
    if body.rows < 12 || size.columns < 60 {
      place(focus, body)
      listIsWhole = needs.listRows <= body.rows
    } else if size.columns >= 110, needs.instances + 2 + max(needs.listRows, 4) <= body.rows {
      arrangeWide(focus, needs)
    } else {
      arrangeStacked(focus, needs)
    }
  }

  private mutating func place(_ pane: Pane, _ part: Rectangle) {
    switch pane {
    case .instances: instances = part
    case .list: list = part
    case .actions, .sessions: actions = part
    case .cluster: cluster = part
    }
  }

  private mutating func arrangeWide(_ focus: Pane, _ needs: Needs) {
    // A blank line below the table, if there is room for one.
    let upperRows = min(needs.instances + 3, body.rows - max(needs.listRows, 4))
    let (upper, lower) = body.split(top: upperRows)
    instances = upper
    // The charts are beside the list, and the actions below both. If there is too little height, a
    // line and the actions are beside the list.
    let middleRows = max(needs.listRows, Self.chartRows)
    guard lower.rows >= middleRows + 4 else {
      let (left, right) = lower.split(left: Self.listColumns)
      list = left
      let chartRows = focus == .cluster ? lower.rows - 3 : 0
      (cluster, actions) = right.split(left: 2).rest.split(top: max(Self.lineRows, chartRows))
      return
    }
    let isLarge = focus == .cluster
    let (middle, bottom) = lower.split(top: isLarge ? lower.rows - 4 : middleRows)
    let (left, right) = middle.split(left: Self.listColumns)
    list = left
    cluster = right.split(left: 2).rest
    actions = bottom
  }

  private mutating func arrangeStacked(_ focus: Pane, _ needs: Needs) {
    let table = needs.listRows
    var heights: (instances: Int, list: Int, actions: Int)
    if focus != .list { listFlow = needs.listFlow(focus == .instances ? body.rows / 5 : 2) }
    let flowRows = 1 + max(1, listFlow?.count ?? 0)
    var clusterRows = body.rows >= Self.leastRowsWithLine ? Self.lineRows : 0
    let above = body.rows - clusterRows
    switch focus {
    case .instances:
      heights.list = flowRows
      heights.actions = 1 + max(1, min(3, needs.actionLines()))
      let spare = above - heights.list - heights.actions - (needs.instances + 2)
      let charts = spare >= Self.chartRows ? Self.chartRows - Self.lineRows : 0
      clusterRows += charts
      if spare > 0 { heights.actions += spare - charts }
    case .list:
      heights.actions = 3
      heights.list = min(table, above - heights.actions - 5)
      let spare = above - heights.list - heights.actions - (needs.instances + 2)
      if spare > 0 { heights.actions += spare }
    case .actions, .sessions:
      heights.list = flowRows
      heights.actions = above - heights.list - min(needs.instances + 2, above / 3)
    case .cluster:
      heights.list = flowRows
      heights.actions = clusterRows
      clusterRows = above - heights.list - min(needs.instances + 2, above / 3)
    }
    heights.instances = body.rows - clusterRows - heights.list - heights.actions
    listIsWhole = focus != .list || heights.list >= table
    let (upper, rest) = body.split(top: heights.instances)
    instances = upper
    let (middle, lower) = rest.split(top: heights.list)
    list = middle
    let (charts, bottom) = lower.split(top: clusterRows)
    cluster = clusterRows > 0 ? charts : nil
    actions = heights.actions > 0 ? bottom : nil
  }

  /// The lines of a pane below its title and column titles.
  func rows(of pane: Pane) -> Int {
    switch pane {
    case .instances: max(0, (instances?.rows ?? 0) - 2)
    // Without the titles, the line before those left out, and the one that counts the rest.
    case .list: listFlow == nil ? max(0, (list?.rows ?? 0) - (listIsWhole ? 3 : 4)) : 0
    case .actions: max(0, (actions?.rows ?? 0) - 1)
    case .sessions: max(0, (sessions?.rows ?? 0) - 2)
    case .cluster: 0
    }
  }

  func columns(of pane: Pane) -> Int {
    switch pane {
    case .instances: instances?.columns ?? body.columns
    case .list: list?.columns ?? body.columns
    case .actions: actions?.columns ?? body.columns
    case .sessions: sessions?.columns ?? body.columns
    case .cluster: cluster?.columns ?? body.columns
    }
  }
}

extension Dashboard {
  /// Whether the screen is too small for any picture, so that only its size is shown.
  var isTooSmall: Bool { !Layout.fits(size) }

  var layout: Layout { layout(for: size) }

  func layout(for size: Size) -> Layout {
    let listed = shown?.handshakeList.count ?? 0
    return Layout(
      size: size, focus: view.pane, hasBanner: banner != nil,
      needs: Layout.Needs(
        // If there are no rows, a line says why.
        instances: max(1, rows.ids.count), listed: listed, excluded: rows.excluded.count,
        listFlow: { listFlow(columns: size.columns, lines: $0) },
        actionLines: { actionLineCount(in: nil) }))
  }
}

internal import CellGrid
internal import ClusterModel

/// The mouse, if the option is set: it does what keys do.
extension Dashboard {
  /// How many rows one notch of the wheel moves.
  private static let wheelRows = 3

  mutating func handle(_ mouse: Mouse) -> [Effect] {
    switch mouse.action {
    case .wheelUp: return turn(by: -1, mouse)
    case .wheelDown: return turn(by: 1, mouse)
    case .click: break
    }
    let layout = layout
    if palette != nil, mouse.row != layout.keyRow { return [] }
    if mouse.row == layout.keyRow {
      return keyBar.entry(at: mouse.column, width: size.columns)?.press.map { handle($0) } ?? []
    }
    switch overlay {
    case .dialog(let dialog): return click(mouse, in: dialog)
    case .help, .detail, .alerts: return []
    case .none: break
    }
    guard !isTypingLine, shown != nil else { return [] }
    if let part = layout.instances, part.contains(mouse) { click(mouse, inInstances: part) }
    if let part = layout.list, part.contains(mouse) { click(mouse, inList: part, layout) }
    if let part = layout.actions, part.contains(mouse) { focus(.actions) }
    if let part = layout.sessions, part.contains(mouse) { click(mouse, inSessions: part) }
    if let part = layout.cluster, part.contains(mouse) { focus(.cluster) }
    return []
  }

  /// The wheel moves as the arrow keys do, in the pane below the pointer.
  private mutating func turn(by direction: Int, _ mouse: Mouse) -> [Effect] {
    let key: Key = direction < 0 ? .up : .down
    if palette != nil { return handle(key) }
    switch overlay {
    case .dialog: return []
    case .help, .detail, .alerts: return (0..<Self.wheelRows).flatMap { _ in handle(key) }
    case .none: break
    }
    let layout = layout
    let panes = [
      (layout.instances, Pane.instances), (layout.list, .list), (layout.actions, .actions),
      (layout.sessions, .sessions), (layout.cluster, .cluster),
    ]
    guard let pane = panes.first(where: { $0.0?.contains(mouse) ?? false })?.1 else { return [] }
    if pane != view.pane { focus(pane) }
    move(by: direction * Self.wheelRows)
    return []
  }

  /// A click on a button focuses and presses it.
  private mutating func click(_ mouse: Mouse, in dialog: Dialog) -> [Effect] {
    let place = picture(of: dialog, on: size).button(row: mouse.row, column: mouse.column)
    guard let place else { return [] }
    var dialog = dialog
    dialog.focus = place == 0 ? .cancel : .confirm
    overlay = .dialog(dialog)
    return pressButton()
  }

  private mutating func click(_ mouse: Mouse, inInstances part: Rectangle) {
    focus(.instances)
    let line = mouse.row - part.row - 2
    if line == -1 {
      clickTitle(at: mouse.column - part.column - 2, columns: part.columns - 2)
    } else if line >= 0 {
      select((view.offsets[.instances] ?? 0) + line)
    }
  }

  /// Sorts by a column; if it is the current one, reverses the order.
  private mutating func clickTitle(at column: Int, columns: Int) {
    guard let name = self.column(at: column, columns: columns) else { return }
    if view.sort.column == name {
      invertSort()
    } else if let order = SortOrder(named: name.rawValue) {
      sort(by: order)
    }
  }

  /// In the table a line separates the excluded instances.
  private mutating func click(_ mouse: Mouse, inList part: Rectangle, _ layout: Layout) {
    focus(.list)
    guard layout.listFlow == nil, let shown else { return }
    let line = mouse.row - part.row - 2
    let place = (view.offsets[.list] ?? 0) + line
    guard line >= 0, place != shown.handshakeList.count else { return }
    select(place > shown.handshakeList.count ? place - 1 : place)
  }

  private mutating func click(_ mouse: Mouse, inSessions part: Rectangle) {
    let line = mouse.row - part.row - 2
    guard line >= 0 else { return }
    if let search, isSearching {
      return moveFound(by: (view.offsets[.sessions] ?? 0) + line - search.cursor)
    }
    guard let closeUp else { return }
    moveSession(by: (view.offsets[.sessions] ?? 0) + line - closeUp.cursorRow)
  }

  /// Puts the cursor on the row, if there is one.
  private mutating func select(_ place: Int) {
    guard (0..<order(of: view.pane).count).contains(place) else { return }
    go(to: place)
  }
}

extension Rectangle {
  fileprivate func contains(_ mouse: Mouse) -> Bool {
    contains(row: mouse.row, column: mouse.column)
  }
}

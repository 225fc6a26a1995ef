internal import CellGrid

extension Dashboard {
  /// The last line, from the table of commands.
  func drawKeys(into grid: inout Grid, _ layout: Layout) {
    keyBar.draw(
      into: &grid, row: layout.keyRow, column: 0, width: grid.size.columns)
  }

  var keyBar: KeyBar { KeyBar(keyEntries) }

  private var keyEntries: [KeyBar.Entry] {
    if view.timeText != nil { return Self.timeKeys }
    if view.isEditingFilter { return Self.filterKeys }
    switch overlay {
    case .dialog(let dialog):
      let more = picture(of: dialog, on: size).moreKey
      return (more.map { [Self.entry($0, "More", 85)] } ?? []) + Self.keys(of: dialog)
    case .help, .alerts: return Self.textKeys + urgentKeys + entries(of: Command.texts)
    case .detail: return detailKeys + urgentKeys + entries(of: Command.changes + Command.texts)
    case .none: return urgentKeys + entries(of: Command.all)
    }
  }

  /// Whether they are about the instance or about one of its sessions is to be seen.
  private var detailKeys: [KeyBar.Entry] {
    if isPickingSession {
      return [
        Self.entry(.escape, "To the instance", 100),
        KeyBar.Entry(key: "↑↓", title: "Pick a session", weight: 80),
      ]
    }
    let hasSessions = past == nil && closeUp?.sessions?.isEmpty == false
    return Self.textKeys + (hasSessions ? [Self.entry(.tab, "Pick a session", 89)] : [])
      + [Self.entry(.character("4"), "Sessions", 75)]
  }

  /// What comes before all others as things are.
  private var urgentKeys: [KeyBar.Entry] {
    // While there is no connection, the key that makes one.
    var keys = feed.isLive ? [] : [Self.entry(.character("r"), "Reconnect", 99)]
    // That which shows what happened.
    if alerts.unseenCount > 0 { keys.append(Self.entry(.character("a"), "Alerts", 98)) }
    // Those that go on from a picture that is not of now.
    guard past != nil || isReplay else { return keys }
    return keys + [
      Self.entry(.character("["), "Earlier", 96), Self.entry(.character("]"), "Later", 96),
      Self.entry(.character("b"), "Time", 92),
      Self.entry(.character("0"), isReplay ? "End" : "Now", 97),
    ]
  }

  /// What `z` does now; nil: what it is called anyway.
  var pauseTitle: String? {
    if let replay { return replay.isRunning ? "Stop" : "Run" }
    return frozen == nil ? nil : "Go on"
  }

  /// What is worth a place now: no key that would be refused.
  private func entries(of commands: [Command]) -> [KeyBar.Entry] {
    commands.compactMap { command in
      guard let weight = command.barWeight, let key = command.keys.first, isPossible(command)
      else { return nil }
      let own = isAboutSessions ? command.inSessions : nil
      // There it is what the pane is for, or what goes on.
      let titleNow = own?.title ?? command.titleNow(self)
      return Self.entry(key, titleNow ?? command.title, titleNow == nil ? weight : 94)
    }
  }

  private static func entry(_ key: Key, _ title: String, _ weight: Int) -> KeyBar.Entry {
    KeyBar.Entry(key: key.description, title: title, weight: weight, press: key)
  }

  /// Where a field has the letters, no letter answers.
  private static func keys(of dialog: Dialog) -> [KeyBar.Entry] {
    guard case .field(let name) = dialog.focus else { return questionKeys }
    let isCheck = dialog.fields.first { $0.name == name }?.isCheck ?? false
    return fieldKeys + (isCheck ? [entry(.character(" "), "Tick", 80)] : [emptyKey])
  }

  private static let questionKeys = [
    entry(.tab, "Next", 60), entry(.enter, "Take", 70), entry(.character("y"), "Yes", 80),
    entry(.character("n"), "No", 80), entry(.escape, "Cancel", 90),
  ]

  private static let fieldKeys = [
    entry(.tab, "Next", 60), entry(.enter, "Go on", 70), entry(.escape, "Cancel", 90),
  ]

  private static let emptyKey = entry(.control("u"), "Empty", 50)

  private static let filterKeys = [
    entry(.enter, "Keep", 90), entry(.escape, "Clear", 100), emptyKey,
    KeyBar.Entry(key: "↑↓", title: "Go on in the rows", weight: 50),
  ]

  private static let timeKeys = [
    entry(.enter, "Go", 90), entry(.escape, "Cancel", 100), emptyKey,
  ]

  private static let textKeys = [
    entry(.escape, "Back", 100), KeyBar.Entry(key: "↑↓", title: "Scroll", weight: 80),
  ]
}

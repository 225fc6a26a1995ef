internal import CellGrid

extension Command {
  /// What changes the cluster: capital letters, and nothing else in this program.
  static let changes: [Command] = [
    change("D", "Drain", help: "drain: no new clients, nobody is thrown out", weight: 90, .drain),
    change("E", "Enable", help: "enable: take new clients again", weight: 88, .enable),
    change(
      "X", "Remove", help: "remove from the cluster", weight: 50, .remove,
      inSessions: ("End session", "end the session under the cursor")),
    change("M", "Maximum", help: "change the maximum of sessions", weight: 40, .limit),
    change("A", "Add", help: "add an instance", weight: 45, .add),
  ]

  private static func change(
    _ letter: Character, _ title: String, help: String, weight: Int, _ kind: Dialog.Kind,
    inSessions: (title: String, help: String)? = nil
  ) -> Command {
    Command(
      [.character(letter)], title, help: help, group: .change, barWeight: weight,
      isMutating: true, inSessions: inSessions, isEnabled: { $0.canAsk(kind) }, explains: true
    ) { $0.openDialog(kind) }
  }

  static let moves: [Command] = [
    .silent([.up, .character("k")], "Up", help: "up", group: .move) { $0.move(by: -1) },
    .silent([.down, .character("j")], "Down", help: "down", group: .move) { $0.move(by: 1) },
    .silent([.pageUp, .control("u")], "Page up", help: "a page up", group: .move) {
      $0.move(by: -$0.pageRows)
    },
    .silent([.pageDown, .control("d")], "Page down", help: "a page down", group: .move) {
      $0.move(by: $0.pageRows)
    },
    .silent([.home, .character("g")], "First", help: "first row", group: .move) {
      $0.moveToEnd(false)
    },
    .silent([.end, .character("G")], "Last", help: "last row", group: .move) {
      $0.moveToEnd(true)
    },
    .silent([.tab], "Pane", help: "next pane", group: .move, barWeight: 60) {
      $0.focusPane(by: 1)
    },
    .silent([.backTab], "Back", help: "previous pane", group: .move) { $0.focusPane(by: -1) },
    .silent([.character("1")], "Instances", help: "pane of instances", group: .move) {
      $0.focus(.instances)
    },
    .silent([.character("2")], "List", help: "pane of the handshake list", group: .move) {
      $0.focus(.list)
    },
    .silent([.character("3")], "Actions", help: "pane of the last actions", group: .move) {
      $0.focus(.actions)
    },
    .silent(
      [.character("4")], "Sessions", help: "pane of the sessions of the instance",
      group: .move
    ) { $0.focus(.sessions) },
  ]

  static let helpKeys: [Key] = [.character("?"), .character("h"), .function(1)]

  static let looks: [Command] = [
    .silent(
      [.enter], "Details", help: "all there is to know of the instance", group: .look,
      barWeight: 70, isEnabled: { $0.selected != nil }
    ) { $0.openDetail() },
    .silent([.escape], "Back", help: "back, clear the filter; never quits", group: .look) {
      $0.goBack()
    },
    Command(
      [.character("z")], "Pause", help: "freeze the picture; run a replay", group: .look,
      barWeight: 30, reach: .texts, titleNow: { $0.pauseTitle },
      isEnabled: { $0.shown != nil && $0.past == nil }, explains: true
    ) { dashboard in
      if dashboard.isReplay { return [.replay(.toggleRun)] }
      dashboard.togglePause()
      return []
    },
    .silent(
      [.character("F")], "Follow", help: "keep the cursor's instance in view", group: .look
    ) { $0.toggleFollow() },
    Command(
      [.character("y")], "Copy", help: "copy the id to the terminal's clipboard", group: .look,
      inSessions: ("Copy", "copy the session's id to the terminal's clipboard"),
      isEnabled: { $0.canCopy }
    ) { $0.copyID() },
    .alerts,
    .silent(
      helpKeys, "Help", help: "help for what is on the screen", group: .look, barWeight: 95
    ) { $0.overlay = .help(.pane($0.view.pane), offset: 0) },
  ]

  static let choices: [Command] = [
    .silent(
      [.character("/")], "Filter", help: "filter: words, -word, !all others, state:full, load>80",
      group: .choose, barWeight: 80, isEnabled: { $0.shown != nil }
    ) { $0.startFilter() },
    .silent(
      [.character("p")], "Problems", help: "problems only", group: .choose, barWeight: 65,
      isEnabled: { $0.shown != nil }
    ) { $0.toggleProblems() },
    .silent([.character("<")], "Sort", help: "sort by the column before", group: .choose) {
      $0.sort(by: $0.view.sort.moved(by: -1))
    },
    .silent([.character(">")], "Sort", help: "sort by the next column", group: .choose) {
      $0.sort(by: $0.view.sort.moved(by: 1))
    },
    .silent([.character("i")], "Invert", help: "invert the order", group: .choose) {
      $0.invertSort()
    },
    .silent([.character(" ")], "Tag", help: "tag for D E X M", group: .choose, barWeight: 55,
      isEnabled: { $0.view.pane.hasInstances && $0.selected != nil }
    ) {
      $0.toggleTag()
    },
    .silent([.character("U")], "Untag", help: "untag all", group: .choose) {
      $0.view.tags = []
    },
  ]

  static let programs: [Command] = [
    .silent(
      [.character("w")], "Read-only", help: "read-only on or off for this run",
      group: .program, reach: .texts
    ) { $0.toggleReadOnly() },
    Command(
      [.character("r")], "Reconnect", help: "connect again now", group: .program, reach: .texts
    ) { _ in [.reconnectNow] },
    Command(
      [.control("l")], "Redraw", help: "draw the screen anew", group: .program,
      reach: .everywhere
    ) { _ in [.redraw] },
    Command(
      [.control("z")], "Suspend", help: "suspend", group: .program, reach: .everywhere
    ) { _ in [.suspend] },
    Command(
      [.control("c"), .function(10)], "Quit", help: "quit, from anywhere", group: .program,
      reach: .everywhere
    ) { _ in [.quit] },
    Command(
      [.character("q")], "Quit", help: "quit", group: .program, barWeight: 100, reach: .texts
    ) { _ in [.quit] },
  ]
}

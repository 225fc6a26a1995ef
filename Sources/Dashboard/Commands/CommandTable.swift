internal import CellGrid
internal import ClusterModel

extension Command {
  /// The commands that change the cluster: capital letters, which do nothing else in this program.
  static let changes: [Command] = [
    change(["D"], "Drain", help: "drain: no new clients; open sessions stay", 90, .drain),
    change(["E"], "Enable", help: "enable: take new clients again", 88, .enable),
    change(
      ["X"], "Remove", help: "remove from the cluster", 50, .remove,
      in: [.instances, .list, .actions, .cluster, .detail]),
    // The purpose of those places.
    change(
      ["X"], "End session", help: "end the session under the cursor, or the tagged ones", 94,
      .endSession, in: [.sessions, .picking]),
    change(["M"], "Maximum", help: "change the maximum of sessions", 40, .limit),
    change(["A"], "Add", help: "add an instance", 45, .add),
    Command(
      ["N"], "Rolling restart",
      help: "rolling restart: begin, go on with the next instance, or end it",
      in: .panes.union([.detail, .picking]),
      offer: { Offer("Rolling restart", $0.roll == nil ? 35 : 91) },
      obstacle: { $0.obstacleToRoll }
    ) { $0.openRoll() },
  ]

  private static func change(
    _ keys: [Key], _ title: String, help: String, _ weight: Int, _ kind: Dialog.Kind,
    in places: Set<Place> = .panes.union([.detail, .picking])
  ) -> Command {
    Command(
      keys, title, help: help, in: places, weight: weight, obstacle: { $0.obstacle(to: kind) }
    ) { $0.openDialog(kind) }
  }

  static let moves: [Command] = [
    move([.up, "k"], "Up", help: "up", offer: { $0.moveOffer }) { _ in -1 },
    move([.down, "j"], "Down", help: "down") { _ in 1 },
    move([.pageUp, .control("u")], "Page up", help: "a page up") { -$0.pageRows },
    move([.pageDown, .control("d")], "Page down", help: "a page down") { $0.pageRows },
    move([" "], "Page down", help: "a page down in a text", in: .texts) { $0.pageRows },
    move([.home, "g"], "First", help: "first row") { _ in -Int.max / 2 },
    move([.end, "G"], "Last", help: "last row") { _ in Int.max / 2 },
    silent([.tab], "Pane", help: "next pane", in: .panes, weight: 60) { $0.focusPane(by: 1) },
    silent([.backTab], "Back", help: "previous pane", in: .panes) { $0.focusPane(by: -1) },
    silent(["1"], "Instances", help: "pane of instances", in: .panes) { $0.focus(.instances) },
    silent(["2"], "List", help: "pane of the handshake list", in: .panes) { $0.focus(.list) },
    silent(
      ["3"], "Events", help: "pane of events: what operators did and what happened", in: .panes
    ) { $0.focus(.actions) },
    silent(
      ["4"], "Sessions", help: "pane of the sessions of the instance",
      in: .panes.union([.detail, .picking]),
      offer: { $0.place == .detail ? Offer("Sessions", 75, .move) : nil }
    ) { $0.goToSessions() },
    silent(
      ["5"], "Cluster", help: "pane of the cluster over the last hour", in: .panes
    ) { $0.focus(.cluster) },
  ]

  private static func move(
    _ keys: [Key], _ title: String, help: String, in places: Set<Place> = .watching,
    offer: (@Sendable (Dashboard) -> Offer?)? = nil, by step: @escaping @Sendable (Dashboard) -> Int
  ) -> Command {
    silent(keys, title, help: help, in: places, offer: offer) { $0.move(by: step($0)) }
  }

  static let looks: [Command] = [
    silent(
      [.enter], "Details", help: "details of the instance", in: .panes, weight: 70,
      obstacle: { $0.obstacleToDetail }
    ) { $0.openDetail() },
    Command(
      [.escape], "Back", help: "go back, or remove the filter; never quits", offer: { $0.backOffer }
    ) { $0.goBack() },
    Command([.enter], "Back", help: "go back", in: .texts) { $0.goBack() },
    silent(
      [.tab, .backTab], "Pick a session", help: "choose one of the sessions", in: [.detail],
      offer: { _ in Offer("Pick a session", 89, .move) }, obstacle: { $0.obstacleToPicking }
    ) { $0.setPicking(true) },
    silent(
      [.tab, .backTab], "To the instance", help: "back to the instance", in: [.picking]
    ) { $0.setPicking(false) },
    Command(
      ["z"], "Pause", help: "pause or resume; in a replay: play or pause", offer: { $0.pauseOffer },
      obstacle: { $0.obstacleToPause }
    ) { $0.togglePause() },
    silent(["F"], "Follow", help: "keep the cursor's instance in sight, on or off", in: .panes) {
      $0.toggleFollow()
    },
    Command(
      ["y"], "Copy", help: "copy the id to the terminal's clipboard",
      in: [.instances, .list, .actions, .cluster, .detail],
      obstacle: { $0.obstacleToDetail }
    ) { dashboard in dashboard.lookedAt.map { [.copy($0.text)] } ?? [] },
    Command(
      ["y"], "Copy", help: "copy the session's id to the terminal's clipboard",
      in: [.sessions, .picking], obstacle: { $0.obstacleToSession }
    ) { dashboard in dashboard.pickedSession.map { [.copy($0.info.session)] } ?? [] },
    silent(
      ["s"], "Find user", help: "find the sessions of a user or a computer on all servers",
      in: .panes.union([.detail, .picking]), weight: 58, obstacle: { $0.obstacleToAsking }
    ) { $0.startFind() },
    silent(
      ["a"], "Alerts", help: "alerts: active and resolved",
      offer: { $0.alerts.unseenCount > 0 ? Offer("Alerts", 98, .news) : nil }
    ) { $0.toggleAlerts() },
    Command(
      ["?", "h", .function(1)], "Help", help: "help for this part of the screen",
      offer: { $0.overlay == .none ? Offer("Help", 95) : nil }
    ) { $0.toggleHelp() },
    Command(
      [.function(1)], "Help", help: "help, from anywhere",
      in: .typing.union([.box, .question])
    ) { $0.helpFromALine() },
    silent(
      [":"], "Commands", help: "all commands; type to search, Enter runs one",
      in: .watching.subtracting([.help]), weight: 62
    ) { $0.openPalette() },
    silent(
      ["/", ":"], "Search", help: "search the help; Enter runs a command", in: [.help],
      offer: { _ in Offer("Search", 85, .move) }
    ) { $0.searchHelp() },
  ]

  static let times: [Command] = [
    Command(
      ["["], "Earlier", help: "a step back in time", offer: { $0.timeOffer("Earlier", 96) }
    ) { $0.stepBack() },
    Command(
      ["]"], "Later", help: "a step forward in time", offer: { $0.timeOffer("Later", 96) }
    ) { $0.stepForth() },
    silent(
      ["b"], "Time", help: "go to a time: \(WantedTime.examples)",
      offer: { $0.timeOffer("Time", 92) }, obstacle: { $0.obstacleToLooking }
    ) { $0.startTime() },
    Command(
      ["0"], "Now", help: "back to now; in a replay: to its end",
      offer: { $0.timeOffer($0.isReplay ? "End" : "Now", 97) }
    ) { $0.goToNow() },
    Command(
      ["{"], "Previous event", help: "go to the previous event",
      offer: { $0.timeOffer("Previous event", 60) }, obstacle: { $0.obstacleToLooking }
    ) { $0.jumpBack() },
    Command(
      ["}"], "Next event", help: "go to the next event",
      offer: { $0.timeOffer("Next event", 60) }, obstacle: { $0.obstacleToLooking }
    ) { $0.jumpForth() },
  ]

  static let choices: [Command] = [
    silent(
      ["/"], "Filter", help: "filter: words, -word, !all others, state:full, load>80",
      in: .panes.subtracting([.sessions]),
      weight: 80, obstacle: { $0.obstacleToLooking }
    ) { $0.startFilter() },
    silent(
      ["p"], "Problems", help: "problems only", in: .panes, weight: 65,
      obstacle: { $0.obstacleToLooking }
    ) { $0.toggleProblems() },
    silent(["<"], "Sort", help: "sort by the previous column", in: .panes) {
      $0.sort(by: $0.view.sort.moved(by: -1))
    },
    silent([">"], "Sort", help: "sort by the next column", in: .panes) {
      $0.sort(by: $0.view.sort.moved(by: 1))
    },
    silent(["i"], "Reverse", help: "reverse the order", in: .panes) { $0.invertSort() },
    silent(
      [" "], "Tag", help: "tag for D E X M N", in: .panes.subtracting([.sessions]), weight: 55,
      obstacle: { $0.obstacleToTag }
    ) { $0.toggleTag() },
    silent(
      ["*"], "Tag all", help: "tag all servers that the filter shows", in: [.instances, .list],
      obstacle: { $0.obstacleToLooking }
    ) { $0.tagAll() },
    silent(
      ["!"], "Invert tags", help: "invert the tags of the servers shown", in: [.instances, .list],
      obstacle: { $0.obstacleToLooking }
    ) { $0.invertTags() },
    silent(["U"], "Untag", help: "untag all", in: .panes) { $0.untagAll() },
    silent(
      ["/"], "Filter", help: "filter: only sessions that contain these words", in: [.sessions],
      weight: 80
    ) { $0.startSessionFilter() },
    silent(
      [" "], "Tag", help: "tag the session for X", in: [.sessions], weight: 55,
      obstacle: { $0.obstacleToSession }
    ) { $0.toggleSessionTag() },
    silent(
      ["*"], "Tag all", help: "tag all sessions that the filter shows", in: [.sessions],
      obstacle: { $0.obstacleToSession }
    ) { $0.tagAllSessions() },
  ]

  static let programs: [Command] = [
    silent(
      ["w"], "Read-only", help: "read-only on or off for this run",
      obstacle: { $0.obstacleToWriting }
    ) { $0.toggleReadOnly() },
    Command(
      ["r"], "Reconnect", help: "reconnect now",
      offer: { $0.feed.isLive ? nil : Offer("Reconnect", 99, .mend) }
    ) { _ in [.reconnectNow] },
    effect([.control("l")], "Redraw", help: "redraw the screen", .redraw),
    effect([.control("z")], "Suspend", help: "suspend", .suspend),
    effect([.control("c"), .function(10)], "Quit", help: "quit, from anywhere", .quit),
    Command(["q"], "Quit", help: "quit", in: .watching.union([.unseen]), weight: 100) { _ in
      [.quit]
    },
  ]

  /// A command that the surrounding program carries out, whatever is on the screen.
  private static func effect(
    _ keys: [Key], _ title: String, help: String, _ effect: Effect
  ) -> Command {
    Command(keys, title, help: help, in: .everywhere) { _ in [effect] }
  }

  /// The keys of a dialog.
  static let answers: [Command] = [
    Command(
      [.pageDown], "More", help: "next page of a long text", in: .dialogs,
      offer: { $0.moreOffer(.pageDown) }
    ) { $0.turnPage(by: 1) },
    Command(
      [.pageUp], "More", help: "previous page of a long text", in: .dialogs,
      offer: { $0.moreOffer(.pageUp) }
    ) { $0.turnPage(by: -1) },
    Command([.tab], "Next", help: "next field or button", in: .dialogs, weight: 60) {
      $0.changeDialog { $0.moveFocus(by: 1) }
    },
    Command(
      [.down], "Next", help: "next field or button; in a reason: the newer one", in: .dialogs
    ) { $0.moveDown() },
    Command([.backTab], "Back", help: "previous field or button", in: .dialogs) {
      $0.changeDialog { $0.moveFocus(by: -1) }
    },
    Command(
      [.up], "Back", help: "previous field or button; in a reason: recent reasons", in: .dialogs
    ) { $0.moveUp() },
    Command([.left, .right], "Other", help: "the other button", in: [.question]) {
      $0.changeDialog { $0.focus = $0.focus == .cancel ? .confirm : .cancel }
    },
    Command([.enter], "Press", help: "press the button", in: [.question], weight: 70) {
      $0.pressButton()
    },
    Command([.enter], "Next field", help: "next field", in: [.box, .field], weight: 70) {
      $0.changeDialog { $0.leaveField() }
    },
    Command(["y"], "Yes", help: "carry it out", in: [.question], weight: 80) { $0.confirm() },
    Command(["n"], "No", help: "cancel", in: [.question], weight: 80) { $0.cancel() },
    Command([.escape], "Cancel", help: "cancel", in: .dialogs, weight: 90) { $0.cancel() },
    Command([" "], "Tick", help: "tick the box", in: [.box], weight: 80) { $0.tick() },
    Command(["?"], "Help", help: "help for the dialog", in: [.box, .question], weight: 55) {
      $0.toggleHelp()
    },
  ]

  /// The keys for a line of text.
  static let typing: [Command] = [
    silent(
      [.enter], "Keep", help: "keep the filter", in: [.filter], weight: 90,
      obstacle: { $0.view.filter.complaint }
    ) { $0.keepFilter() },
    silent([.escape], "Remove filter", help: "remove the filter", in: [.filter], weight: 100) {
      $0.clearFilter()
    },
    Command([.enter], "Go", help: "go to the time", in: [.time], weight: 90) {
      $0.goToTypedTime()
    },
    silent([.escape], "Cancel", help: "cancel; the time stays", in: [.time], weight: 100) {
      $0.view.timeText = nil
    },
    silent([.enter], "Keep", help: "keep the filter", in: [.sessionFilter], weight: 90) {
      $0.endSessionFilter(keeping: true)
    },
    silent(
      [.escape], "Remove filter", help: "remove the filter", in: [.sessionFilter], weight: 100
    ) { $0.endSessionFilter(keeping: false) },
    silent([.up], "Select", help: "the session above", in: [.sessionFilter]) { $0.move(by: -1) },
    silent([.down], "Select", help: "the session below", in: [.sessionFilter]) { $0.move(by: 1) },
    Command([.enter], "Find", help: "find the sessions", in: [.find], weight: 90) { $0.find() },
    silent([.escape], "Cancel", help: "cancel the search", in: [.find], weight: 100) {
      $0.view.findText = nil
    },
    Command(
      [.up, .down], "Previous", help: "previous searches", in: [.find],
      byKey: { $0.recallFind($1) }),
    Command([.enter], "Run", help: "run the command", in: [.palette], weight: 90) {
      $0.runChosen()
    },
    silent([.escape], "Back", help: "close without running one", in: [.palette], weight: 100) {
      $0.closePalette()
    },
    silent(
      [.up], "Choose", help: "the command above", in: [.palette],
      offer: { _ in Offer("Choose", 80, joint: "↑↓") }
    ) { $0.chooseCommand(by: -1) },
    silent([.down], "Choose", help: "the command below", in: [.palette]) {
      $0.chooseCommand(by: 1)
    },
    silent([.pageUp], "Choose", help: "a page up", in: [.palette]) { $0.chooseCommand(by: -9) },
    silent([.pageDown], "Choose", help: "a page down", in: [.palette]) {
      $0.chooseCommand(by: 9)
    },
    Command(
      [.control("u")], "Clear line", help: "clear the line", in: .typing, weight: 50,
      byKey: { $0.type($1) }),
    Command(
      [.left, .right, .home, .end, .control("a"), .control("e")], "Move",
      help: "move the cursor in the line", in: .typing, byKey: { $0.type($1) }),
    Command(
      [.delete, .control("w"), .control("k")], "Delete",
      help: "delete a character, a word, or the rest of the line", in: .typing,
      byKey: { $0.type($1) }),
    Command(
      [.up, .down], "Previous", help: "previous times", in: [.time],
      byKey: { $0.recallTime($1) }),
    Command(
      [.up, .down, .pageUp, .pageDown], "Select",
      help: "keep the filter and move; in an empty line: previous filters",
      in: [.filter], offer: { _ in Offer("Select", 50, joint: "↑↓") },
      byKey: { $0.goOnInRows($1) }),
  ]
}

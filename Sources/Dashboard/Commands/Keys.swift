internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// Takes keys that arrived together.
  mutating func handle(_ keys: [Key], followsAtOnce: Bool) -> [Effect] {
    isBurst = followsAtOnce || keys.count > 1
    defer { isBurst = false }
    var effects: [Effect] = []
    for key in keys {
      let wasAsking = isAsking
      effects += handle(key)
      if effects.contains(.quit) { break }
      // Keys typed before the question appeared do not answer it, and keys typed for the question
      // do nothing else.
      if isAsking != wasAsking { break }
    }
    return effects
  }

  private var isAsking: Bool {
    if case .dialog = overlay { true } else { false }
  }

  /// Takes one key.
  mutating func handle(_ key: Key) -> [Effect] {
    if place != .unseen {
      if case .mouse(let mouse) = key { return handle(mouse) }
      if case .paste(let text) = key { return paste(text) }
      if message?.tone == .plain { message = nil }
    }
    guard let command = Command.named(by: key, in: place) else { return type(key) }
    return run(command, by: key)
  }

  /// Runs the command, or says why it cannot.
  mutating func run(_ command: Command, by key: Key) -> [Effect] {
    guard let obstacle = command.obstacle(self) else { return command.run(&self, key) }
    guard command.group == .change else {
      say(obstacle)
      return []
    }
    let deed =
      switch command.title {
      case "Maximum": "change the maximum"
      case "Rolling restart": "begin a rolling restart"
      default: command.title.lowercased()
      }
    say("Cannot \(deed): \(obstacle).", .bad)
    return [.bell]
  }

  /// A key in a line of text. Elsewhere it does nothing, except that a letter cancels a question.
  mutating func type(_ key: Key) -> [Effect] {
    switch place {
    case .filter: typeFilter(key)
    case .time: typeTime(key)
    case .find: typeFind(key)
    case .sessionFilter: typeSessionFilter(key)
    case .palette: typePalette(key)
    case .field: return typeField(key)
    case .question, .box: return miss(key)
    case .instances, .list, .actions, .sessions, .cluster, .detail, .picking, .alerts, .help:
      sayUnknown(key)
    case .unseen: break
    }
    return []
  }

  /// Says that the key does nothing, and what its letter does in the other case.
  private mutating func sayUnknown(_ key: Key) {
    var words = "\(key): no such key (? help"
    if case .character(let letter) = key, let other = letter.inOtherCase,
      let command = Command.named(by: .character(other), in: place)
    {
      words += "; \(other)\(command.deed)"
    }
    say(words + ")")
  }

  /// Why nothing can be changed now; nil where it can.
  var obstacleToChange: String? {
    if options.isReadOnly { return "not with --read-only" }
    if let accessRefusal { return accessRefusal }
    if view.isReadOnly { return "the screen is read-only (w switches it off)" }
    switch origin {
    case .replay: return "a recording cannot be changed"
    case .past: return "you are looking at the past (0 goes back to now)"
    case .live, .paused: break
    }
    if !feed.picture.hasSnapshot { return "no balancer has answered yet" }
    if feed.isStale { return "no connection to a balancer" }
    return nil
  }

  /// Why there is nothing to choose from.
  var obstacleToLooking: String? { shown == nil ? "there is no picture yet" : nil }
}

extension Character {
  /// The same letter in the other case; nil for anything else.
  fileprivate var inOtherCase: Character? {
    guard isASCII, isLetter else { return nil }
    return isUppercase ? lowercased().first : uppercased().first
  }
}

extension Command {
  /// What the command does, after its key: `D drains`, `U: untag all`.
  fileprivate var deed: String {
    switch title {
    case "Drain", "Enable", "Remove", "Add", "Filter", "Pause": " \(title.lowercased())s"
    case "Maximum": " changes the maximum"
    case "End session": " ends a session"
    case "Rolling restart": " begins a rolling restart"
    default: ": \(help)"
    }
  }
}

// MARK: - Single commands

extension Dashboard {
  mutating func focus(_ pane: Pane) {
    // The cursor stays on the newest event of that time.
    if pane == .actions, view.pane != .actions {
      view.eventCursor = timedActions(columns: nil).first?.name
      view.offsets[.actions] = 0
    }
    view.pane = pane
    view.standIn = nil
  }

  mutating func focusPane(by step: Int) {
    let count = Pane.allCases.count
    focus(Pane.allCases[(view.pane.rawValue + step + count) % count])
  }

  /// Goes to the pane of sessions; from the details of an instance, to those of that instance.
  mutating func goToSessions() {
    if case .detail(let id, _) = overlay {
      overlay = .none
      view.cursor = id
    }
    focus(.sessions)
  }

  var obstacleToDetail: String? {
    if isSearching, lookedAt == nil { return "no session is under the cursor" }
    if view.pane == .actions, lookedAt == nil {
      return "this event is about no instance that is still in the cluster"
    }
    return lookedAt == nil ? "no instance is under the cursor" : nil
  }

  mutating func openDetail() {
    guard let selected else { return }
    closeUp?.isPicking = false
    overlay = .detail(selected, offset: 0)
  }

  mutating func toggleHelp() -> [Effect] {
    switch overlay {
    case .help(let topic, _): return leaveHelp(to: topic)
    case .detail(let id, _): overlay = .help(.detail(id), offset: 0)
    case .alerts: overlay = .help(.alerts, offset: 0)
    case .dialog(let dialog): overlay = .help(.dialog(dialog), offset: 0)
    case .none: overlay = .help(.pane(view.pane), offset: 0)
    }
    return []
  }

  /// Goes back to where the help was opened. A dialog asks again, since its numbers may be out of
  /// date.
  mutating func leaveHelp(to topic: HelpTopic) -> [Effect] {
    overlay = topic.overlay
    guard case .dialog(let dialog) = topic else { return [] }
    return obstacleToChange == nil ? ask(about: dialog) : settleDialog()
  }

  /// Opens the list of alerts, which marks all of them as seen.
  mutating func toggleAlerts() {
    if case .alerts = overlay { uncover() } else { cover(with: .alerts(offset: 0)) }
  }

  /// Goes one step back: out of a text, then from the filter and the problems, then to the first
  /// pane.
  mutating func goBack() -> [Effect] {
    switch overlay {
    case .help(let topic, _): return leaveHelp(to: topic)
    case .alerts: uncover()
    case .detail where isPickingSession: setPicking(false)
    case .detail: overlay = .none
    case .none, .dialog:
      message = nil
      if view.pane == .sessions, !view.sessionFilter.isEmpty {
        setSessionFilter("")
        return []
      }
      if isSearching {
        search = nil
        return []
      }
      feed.picture.drains.seeAll()
      held?.drains.seeAll()
      if view.filter.isActive {
        view.filter.clear()
        reselectRows()
      } else {
        focus(.instances)
      }
    }
    return []
  }

  mutating func toggleFollow() {
    view.isFollowing.toggle()
    say(view.isFollowing ? "The view follows the cursor." : "The view stays where it is.")
  }

  /// The instance that the keys are about.
  var lookedAt: InstanceID? {
    if case .detail(let id, _) = overlay { id } else { selected }
  }

  /// Says no more than is known, since no terminal confirms that it took a text. Without a
  /// clipboard the text is shown for selection with the mouse.
  mutating func tellOfCopy(_ text: String, _ reach: ClipboardReach) -> [Effect] {
    switch reach {
    case .terminal: say("sent to the terminal's clipboard: \(text)")
    case .tmux: say("sent to tmux (which needs set-clipboard on): \(text)")
    case .none:
      say("this terminal has no clipboard; select it here with the mouse: \(text)", .bad)
      return [.bell]
    }
    return []
  }

  mutating func toggleProblems() {
    view.filter.isProblemsOnly.toggle()
    reselectRows()
  }

  mutating func sort(by order: SortOrder) {
    view.sort = order
    view.heldUntil = nil
    reselectRows()
  }

  mutating func invertSort() {
    var order = view.sort
    order.isDescending.toggle()
    sort(by: order)
  }

  var obstacleToTag: String? {
    guard view.pane.hasInstances else { return "only instances can be tagged" }
    return obstacleToDetail
  }

  mutating func toggleTag() {
    guard let selected, shown?[selected] != nil else { return }
    if view.tags.remove(selected) == nil { view.tags.insert(selected) }
    move(by: 1)
  }

  /// Tags every server that the filter shows, including those out of sight. Balancers take no
  /// orders.
  mutating func tagAll() {
    let servers = taggable
    view.tags.formUnion(servers)
    say("\(Format.count(servers.count, "server")) tagged")
  }

  /// Inverts the tags of the servers that the filter shows.
  mutating func invertTags() {
    view.tags.formSymmetricDifference(taggable)
    say("\(Format.count(view.tags.count { shown?[$0] != nil }, "instance")) tagged")
  }

  private var taggable: [InstanceID] {
    rows.ids.filter { shown?[$0]?.role.isLoadBalancer == false }
  }

  /// Why `w` cannot allow changes.
  var obstacleToWriting: String? {
    if options.isReadOnly { return "started with --read-only: it stays on" }
    return accessRefusal.map { "read-only: \($0)" }
  }

  mutating func toggleReadOnly() {
    view.isReadOnly.toggle()
    say(
      view.isReadOnly
        ? "Read-only; w switches it off." : "Read-write: keys can change the cluster.")
  }
}

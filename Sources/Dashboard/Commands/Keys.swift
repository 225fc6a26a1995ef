internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// Takes keys that were waiting together.
  mutating func handle(_ keys: [Key], followsAtOnce: Bool) -> [Effect] {
    isBurst = followsAtOnce || keys.count > 1
    defer { isBurst = false }
    var effects: [Effect] = []
    for key in keys {
      let wasAsking = isAsking
      effects += handle(key)
      if effects.contains(.quit) { break }
      // What was typed before the question was seen does not answer it, and what was meant for
      // the question does nothing else.
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
      if case .paste(let text) = key { return take(pasted: text) }
      if message?.tone == .plain { message = nil }
    }
    guard let command = Command.named(by: key, in: place) else { return type(key) }
    guard let obstacle = command.obstacle(self) else { return command.run(&self, key) }
    guard command.group == .change else {
      say(obstacle)
      return []
    }
    say("\(command.title): \(obstacle)", .bad)
    return [.bell]
  }

  /// A key that is text where text is typed. Elsewhere it does nothing, but for a letter that
  /// answers no question.
  mutating func type(_ key: Key) -> [Effect] {
    switch place {
    case .filter: typeFilter(key)
    case .time: typeTime(key)
    case .field: return typeField(key)
    case .question, .box: return miss(key)
    case .instances, .list, .actions, .sessions, .detail, .picking, .alerts, .help, .unseen: break
    }
    return []
  }

  /// Why nothing can be changed now; nil where it can.
  var obstacleToChange: String? {
    if options.isReadOnly { return "not with --read-only" }
    if let accessRefusal { return accessRefusal }
    if view.isReadOnly { return "the screen is read-only (w ends that)" }
    switch picture.origin {
    case .replay: return "a recording cannot be changed"
    case .past: return "this is the past (0 goes back to now)"
    case .live, .paused: break
    }
    if feed.snapshot == nil { return "no balancer has answered yet" }
    if feed.isStale { return "the picture is stale; it works again when the balancer is back" }
    return nil
  }

  /// Why there is nothing to choose from.
  var obstacleToLooking: String? { shown == nil ? "there is no picture yet" : nil }
}

extension String {
  /// Without its last character, or empty; nil for a key that takes nothing away.
  func shortened(by key: Key) -> String? {
    switch key {
    case .backspace: String(dropLast())
    case .control("u"): ""
    default: nil
    }
  }
}

// MARK: - What single commands do

extension Dashboard {
  mutating func focus(_ pane: Pane) {
    view.pane = pane
    view.standIn = nil
  }

  mutating func focusPane(by step: Int) {
    let count = Pane.allCases.count
    focus(Pane.allCases[(view.pane.rawValue + step + count) % count])
  }

  /// To the pane of sessions; from the details of an instance to those of that one.
  mutating func goToSessions() {
    if case .detail(let id, _) = overlay {
      overlay = .none
      view.cursor = id
    }
    focus(.sessions)
  }

  var obstacleToDetail: String? { lookedAt == nil ? "no instance is under the cursor" : nil }

  mutating func openDetail() {
    guard let selected else { return }
    closeUp?.isPicking = false
    overlay = .detail(selected, offset: 0)
  }

  mutating func toggleHelp() {
    switch overlay {
    case .help(let topic, _): overlay = topic.overlay
    case .detail(let id, _): overlay = .help(.detail(id), offset: 0)
    case .alerts: overlay = .help(.alerts, offset: 0)
    case .none, .dialog: overlay = .help(.pane(view.pane), offset: 0)
    }
  }

  /// Opens the list of alerts; to look at them is to have seen them.
  mutating func toggleAlerts() {
    if case .alerts = overlay { uncover() } else { cover(with: .alerts(offset: 0)) }
  }

  /// One step back: out of a text, then the filter with the problems, then the first pane.
  mutating func goBack() {
    switch overlay {
    case .help(let topic, _): overlay = topic.overlay
    case .alerts: uncover()
    case .detail where isPickingSession: setPicking(false)
    case .detail: overlay = .none
    case .none, .dialog:
      message = nil
      feed.picture.drains.seeAll()
      held?.drains.seeAll()
      if view.filter.isActive {
        view.filter.clear()
        reselectRows()
      } else {
        focus(.instances)
      }
    }
  }

  mutating func toggleFollow() {
    view.isFollowing.toggle()
    say(view.isFollowing ? "the window follows the cursor" : "the window stays where it is")
  }

  /// The instance that the keys are about.
  var lookedAt: InstanceID? {
    if case .detail(let id, _) = overlay { id } else { selected }
  }

  /// Says no more than is known: no terminal tells whether it took a text. Where it has no
  /// clipboard the text stands there for the mouse.
  mutating func tellOfCopy(_ text: String, _ reach: ClipboardReach) -> [Effect] {
    switch reach {
    case .terminal: say("sent to the terminal's clipboard: \(text)")
    case .tmux: say("sent to tmux, which takes it with set-clipboard on: \(text)")
    case .none:
      say("this terminal has no clipboard; the mouse can take it from here: \(text)", .bad)
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

  /// Why `w` cannot let changes through.
  var obstacleToWriting: String? {
    if options.isReadOnly { return "started with --read-only: it stays on" }
    return accessRefusal.map { "read-only: \($0)" }
  }

  mutating func toggleReadOnly() {
    view.isReadOnly.toggle()
    say(view.isReadOnly ? "read-only: no key changes the cluster" : "changes are possible")
  }
}

// MARK: - The filter

extension Dashboard {
  mutating func startFilter() {
    view.filterBefore = view.filter.text
    focus(.instances)
  }

  mutating func typeFilter(_ key: Key) {
    if case .character(let character) = key {
      guard view.filter.append(character) else { return }
    } else if let rest = view.filter.text.shortened(by: key) {
      view.filter.text = rest
    } else {
      return
    }
    followFilter()
  }

  mutating func keepFilter() {
    view.filterBefore = nil
    followFilter()
  }

  mutating func clearFilter() {
    view.filter.text = ""
    view.filterBefore = nil
    followFilter()
  }

  /// The key moves in the rows that the filter leaves.
  mutating func goOnInRows(_ key: Key) -> [Effect] {
    view.filterBefore = nil
    let effects = handle(key)
    followFilter()
    return effects
  }

  /// The rows follow what was typed.
  mutating func followFilter() {
    view.heldUntil = nil
    reselectRows()
  }
}

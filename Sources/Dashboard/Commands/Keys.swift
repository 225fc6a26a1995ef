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
    if isTooSmall { return handleUnseen(key) }
    if case .mouse(let mouse) = key { return handle(mouse) }
    if case .paste(let text) = key { return take(pasted: text) }
    if message?.tone == .plain { message = nil }
    let command = Command.named(by: key)
    if let command, command.reach == .everywhere { return command.run(&self) }
    if view.timeText != nil { return editTime(key) }
    if case .dialog(let dialog) = overlay { return handle(key, in: dialog) }
    if view.isEditingFilter {
      editFilter(key)
      return []
    }
    if let command, command.reach == .texts || overlay == .none { return run(command) }
    switch overlay {
    case .help(let topic, let offset):
      overlay = scrolled(offset, by: key).map { .help(topic, offset: $0) } ?? topic.overlay
    case .alerts(let offset):
      if Command.helpKeys.contains(key) {
        overlay = .help(.alerts, offset: 0)
      } else if let offset = scrolled(offset, by: key) {
        overlay = .alerts(offset: offset)
      } else {
        uncover()
      }
    case .detail(let id, let offset): return handle(key, detailOf: id, offset)
    case .none, .dialog: break
    }
    return []
  }

  /// Below the smallest size nothing that is open can be seen, so no key changes it.
  private mutating func handleUnseen(_ key: Key) -> [Effect] {
    guard let command = Command.named(by: key), command.worksUnseen else { return [] }
    return command.run(&self)
  }

  private mutating func run(_ command: Command) -> [Effect] {
    if command.isMutating, let refusal {
      say("\(command.title): \(refusal)", .bad)
      return [.bell]
    }
    return command.isEnabled(self) || command.explains ? command.run(&self) : []
  }

  /// Why nothing can be changed now; nil where it can.
  var refusal: String? {
    if options.isReadOnly { return "not with --read-only" }
    if let accessRefusal { return accessRefusal }
    if view.isReadOnly { return "the screen is read-only (w ends that)" }
    if isReplay { return "a recording cannot be changed" }
    if past != nil { return "this is the past (0 goes back to now)" }
    if feed.snapshot == nil { return "no balancer has answered yet" }
    if feed.isStale { return "the picture is stale; it works again when the balancer is back" }
    return nil
  }

  private mutating func handle(_ key: Key, detailOf id: InstanceID, _ offset: Int) -> [Effect] {
    if let command = Command.named(by: key), command.isMutating || key == .character("y") {
      return run(command)
    }
    if isPickingSession, pickSession(key) { return [] }
    if key == .tab || key == .backTab {
      togglePicking()
      return []
    }
    if Command.helpKeys.contains(key) {
      overlay = .help(.detail(id), offset: 0)
      return []
    }
    if key == .character("4") {
      overlay = .none
      (view.cursor, view.standIn) = (id, nil)
      focus(.sessions)
      return []
    }
    overlay = scrolled(offset, by: key).map { .detail(id, offset: $0) } ?? .none
    return []
  }

  /// The new offset of a text that fills the screen; nil where the key leaves it.
  private func scrolled(_ offset: Int, by key: Key) -> Int? {
    let page = max(1, layout.body.rows - 3)
    let last = max(0, overlayLines(columns: size.columns - 4).count - (page + 1))
    let steps: [Key: Int] = [
      .up: -1, .character("k"): -1, .down: 1, .character("j"): 1, .pageUp: -page,
      .pageDown: page, .control("u"): -page, .control("d"): page, .character(" "): page,
      .home: -last, .character("g"): -last, .end: last, .character("G"): last,
    ]
    if let step = steps[key] { return min(max(0, offset + step), last) }
    let leaving: [Key] = [.escape, .enter] + Command.helpKeys
    return leaving.contains(key) ? nil : offset
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

  mutating func openDetail() {
    guard let selected else { return }
    closeUp?.isPicking = false
    overlay = .detail(selected, offset: 0)
  }

  /// One step back: the filter with the problems, then the first pane.
  mutating func goBack() {
    message = nil
    drains.seeAll()
    if view.filter.isActive {
      view.filter.clear()
      reselectRows()
    } else {
      focus(.instances)
    }
  }

  mutating func toggleFollow() {
    view.isFollowing.toggle()
    say(view.isFollowing ? "the window follows the cursor" : "the window stays where it is")
  }

  var canCopy: Bool { idToCopy != nil }

  mutating func copyID() -> [Effect] { idToCopy.map { [.copy($0)] } ?? [] }

  /// The id of what the keys are about: a session, or an instance.
  private var idToCopy: String? {
    if isAboutSessions { return closeUp?.selectedSession?.id }
    if case .detail(let looked, _) = overlay { return looked.text }
    return selected?.text
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

  mutating func toggleTag() {
    guard view.pane.hasInstances, let selected, shown?[selected] != nil else { return }
    if view.tags.remove(selected) == nil { view.tags.insert(selected) }
    move(by: 1)
  }

  mutating func toggleReadOnly() {
    if options.isReadOnly {
      say("started with --read-only: it stays on", .bad)
      return
    }
    if let accessRefusal {
      say("read-only: \(accessRefusal)", .bad)
      return
    }
    view.isReadOnly.toggle()
    say(view.isReadOnly ? "read-only: no key changes the cluster" : "changes are possible")
  }

  mutating func startFilter() {
    view.filterBefore = view.filter.text
    focus(.instances)
  }

  /// A key while the filter is typed: the rows follow at once.
  private mutating func editFilter(_ key: Key) {
    switch key {
    case .character(let character):
      guard view.filter.append(character) else { return }
    case .backspace: view.filter.text = String(view.filter.text.dropLast())
    case .control("u"): view.filter.text = ""
    // What is wrong with it stays in sight until it is right.
    case .enter where view.filter.complaint != nil: return
    case .enter: view.filterBefore = nil
    case .escape:
      view.filter.text = ""
      view.filterBefore = nil
    case .up, .down, .pageUp, .pageDown:
      view.filterBefore = nil
      if let command = Command.named(by: key) { _ = command.run(&self) }
    default: return
    }
    followFilter()
  }

  /// The rows follow what was typed.
  mutating func followFilter() {
    view.heldUntil = nil
    reselectRows()
  }
}

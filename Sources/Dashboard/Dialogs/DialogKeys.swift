internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// Opens the question about the session under the cursor, or the tagged instances, or the one
  /// under the cursor.
  mutating func openDialog(_ kind: Dialog.Kind) -> [Effect] {
    message = nil
    let endings = kind == .endSession ? taggedSessions : []
    let session = kind == .endSession && endings.isEmpty ? pickedSession?.info : nil
    var targets = targets(of: kind)
    let rolled = kind == .roll ? targets : []
    if kind == .roll { targets = Array(targets.prefix(1)) }
    if kind == .enable, let words = enabledWords(targets) {
      say(words)
      return []
    }
    var dialog = Dialog(kind, targets: targets, session: session)
    (dialog.rolled, dialog.endings) = (rolled, endings)
    dialog.clock = feed.picture.clock
    dialog.seen = ordered(of: targets)
    dialog.lastAction = feed.snapshot?.actions.first?.id ?? 0
    if kind.isAboutTags, isAboutTags { dialog.hiddenTags = hiddenTags.count }
    if kind == .drain, let terms = commonTerms(of: targets) {
      dialog.fill(with: terms, at: feed.picture.clock)
    }
    cover(with: .dialog(dialog))
    let effects = ask(about: dialog)
    return effects + askForSessions()
  }

  /// The common terms with which all of them are drained; nil where they differ or there are none.
  func commonTerms(of targets: [InstanceID]) -> DrainTerms? {
    let drains = Set(targets.map { newest($0)?.drain?.terms })
    return drains.count == 1 ? drains.first ?? nil : nil
  }

  /// A message where all of them take clients already; nil where enabling changes something.
  private func enabledWords(_ targets: [InstanceID]) -> String? {
    guard targets.allSatisfy(isEnabled), let first = targets.first else { return nil }
    if targets.count == 1 { return "\(first) is enabled already." }
    return "All \(Format.count(targets.count, "tagged instance")) are enabled already."
  }

  /// Why this cannot be asked now; nil where it can.
  func obstacle(to kind: Dialog.Kind) -> String? {
    if let obstacleToChange { return obstacleToChange }
    if kind == .add || kind == .endRoll { return nil }
    if kind == .endSession {
      let isTooMany = taggedSessions.count > Self.mostEndings
      return isTooMany ? "at most \(Self.mostEndings) sessions at once" : obstacleToSession
    }
    let targets = targets(of: kind)
    if targets.isEmpty { return "no instance is under the cursor" }
    guard kind != .remove else { return nil }
    let balancer = targets.first { feed.snapshot?[$0]?.role.isLoadBalancer ?? false }
    return balancer.map { "\($0) is a dedicated load balancer, and takes no sessions" }
  }

  /// The instances that it would be about.
  private func targets(of kind: Dialog.Kind) -> [InstanceID] {
    if kind == .add || kind == .endRoll { return [] }
    if kind == .endSession, !taggedSessions.isEmpty { return [] }
    if kind == .endSession { return pickedSession.map { [$0.instance] } ?? [] }
    guard let snapshot = feed.snapshot else { return [] }
    var ids = selected.map { [$0] } ?? []
    if case .detail(let id, _) = overlay { ids = [id] }
    if case .help(.detail(let id), _) = overlay { ids = [id] }
    let tags = view.tags.subtracting(hiddenTags)
    if isAboutTags, !tags.isEmpty {
      ids = tags.sorted { NaturalOrder.precedes($0.text, $1.text) }
    }
    return ids.filter { snapshot[$0] != nil }
  }

  /// Whether keys that change the cluster are about the tagged instances.
  private var isAboutTags: Bool {
    switch overlay {
    case .detail, .help(.detail, _): false
    case .none, .help, .alerts, .dialog: true
    }
  }

  /// Tagged instances that the filter hides: an operator cannot change what is not visible.
  private var hiddenTags: Set<InstanceID> {
    guard view.filter.isActive, view.pane != .list, !view.tags.isEmpty else { return [] }
    let tags = view.tags.filter { feed.snapshot?[$0] != nil }
    return tags.subtracting(rows.ids)
  }

  /// Changes the open dialog. The balancer is asked about a form when the operator leaves a field,
  /// not at every letter.
  mutating func changeDialog(_ change: (inout Dialog) -> Void) -> [Effect] {
    guard case .dialog(var dialog) = overlay else { return [] }
    dialog.complaint = nil
    change(&dialog)
    if dialog.isUnasked { return ask(about: dialog) }
    overlay = .dialog(dialog)
    return []
  }

  /// The key bar's entry for turning the page of a long text; nil where the key does not do that.
  func moreOffer(_ key: Key) -> Command.Offer? {
    guard case .dialog(let dialog) = overlay, picture(of: dialog, on: size).moreKey == key
    else { return nil }
    return Command.Offer("More", 85)
  }

  mutating func turnPage(by step: Int) -> [Effect] {
    guard case .dialog(let dialog) = overlay else { return [] }
    let last = picture(of: dialog, on: size).pageCount - 1
    return changeDialog { $0.page = min(max(0, min($0.page, last) + step), last) }
  }

  mutating func pressButton() -> [Effect] {
    guard case .dialog(let dialog) = overlay else { return [] }
    return dialog.focus == .cancel ? cancel() : confirm()
  }

  mutating func cancel() -> [Effect] {
    guard case .dialog(let dialog) = overlay else { return [] }
    uncover()
    say("\(dialog.kind.deed) cancelled.")
    return []
  }

  /// A letter that answers nothing was meant for something else, so the question closes before more
  /// letters come.
  mutating func miss(_ key: Key) -> [Effect] {
    guard case .dialog(let dialog) = overlay, case .character = key else {
      return changeDialog { _ in }
    }
    uncover()
    say("\(dialog.kind.deed) cancelled: \(key) is not an answer.", .bad)
    return [.bell]
  }

  mutating func tick() -> [Effect] {
    guard case .dialog(let dialog) = overlay, case .field(let name) = dialog.focus else {
      return []
    }
    return edit(dialog, name) { $0.isOn.toggle() }
  }

  /// A key in the focused field.
  mutating func typeField(_ key: Key) -> [Effect] {
    guard case .dialog(var dialog) = overlay, case .field(let name) = dialog.focus else {
      return []
    }
    dialog.complaint = nil
    return edit(dialog, name) { field in
      if case .character(let character) = key { field.append(character) }
      if let edited = field.cursor.edit(field.text, by: key) { field.text = edited }
    }
  }

  /// In a reason ↑ brings back earlier reasons; elsewhere it goes to the field before.
  mutating func moveUp() -> [Effect] {
    recallField(1) ?? changeDialog { $0.moveFocus(by: -1) }
  }

  mutating func moveDown() -> [Effect] {
    let isBack = typedBefore.steps > 0
    if isBack, let effects = recallField(-1) { return effects }
    typedBefore.leave()
    return changeDialog { $0.moveFocus(by: 1) }
  }

  private mutating func recallField(_ step: Int) -> [Effect]? {
    guard case .dialog(let dialog) = overlay, case .field(let name) = dialog.focus,
      let field = dialog.fields.first(where: { $0.name == name }), let kind = field.kindBefore,
      let text = typedBefore.recall(
        step, kind, from: field.text, older: kind == .reason ? loggedReasons : [])
    else { return nil }
    return edit(dialog, name) { field in
      field.text = text
      field.cursor = LineCursor()
    }
  }

  /// The reasons of the last changes by all operators, oldest first.
  private var loggedReasons: [String] {
    var reasons: [String] = []
    for action in (feed.snapshot?.actions ?? []) {
      let reason = action.reason.map(PlainText.cleaned) ?? ""
      if !reason.isEmpty, !reasons.contains(reason) { reasons.append(reason) }
    }
    return reasons.reversed()
  }

  /// Opens help while the operator types a line, which continues afterwards.
  mutating func helpFromALine() -> [Effect] {
    palette = nil
    view.isHelpOverLine = true
    return toggleHelp()
  }

  /// Whether help covers the line that is being typed.
  var isLineCovered: Bool {
    if case .help = overlay { view.isHelpOverLine } else { false }
  }

  /// Changes a field of the dialog.
  mutating func edit(
    _ dialog: Dialog, _ name: DialogField.Name, _ change: (inout DialogField) -> Void
  ) -> [Effect] {
    var dialog = dialog
    guard let place = dialog.fields.firstIndex(where: { $0.name == name }) else { return [] }
    let before = dialog.fields[place]
    change(&dialog.fields[place])
    guard dialog.fields[place] != before else {
      overlay = .dialog(dialog)
      return []
    }
    if dialog.fields[place].isCheck { return ask(about: dialog) }
    // Answers about other input are not valid any more.
    if dialog.kind == .add || dialog.kind == .limit, name != .confirmation {
      dialog.inquiry = Inquiry()
    }
    if name == .deadline { dialog.clock = feed.picture.clock }
    overlay = .dialog(dialog)
    return []
  }

  mutating func confirm() -> [Effect] {
    guard case .dialog(var dialog) = overlay else { return [] }
    if isBurst {
      dialog.complaint = "several keys came at once, so none of them counts; press it again"
      overlay = .dialog(dialog)
      return [.bell]
    }
    if let obstacle = dialog.obstacle {
      dialog.complaint = obstacle
      if let text = dialog.confirmationText, dialog.text(of: .confirmation) != text {
        dialog.focus = .field(.confirmation)
      }
      overlay = .dialog(dialog)
      return [.bell]
    }
    if dialog.isUnread {
      dialog.isUnread = false
      dialog.complaint = "another operator changed this: read it, then press the key again"
      overlay = .dialog(dialog)
      return [.bell]
    }
    uncover()
    if !dialog.endings.isEmpty { return endTagged(dialog) }
    for field in dialog.fields {
      if let kind = field.kindBefore { typedBefore.keep(field.text, kind) }
    }
    dialog.clock = feed.picture.clock
    let orders = dialog.orders(acknowledging: dialog.inquiry.warnings)
    let after = feed.snapshot?.actions.first?.id ?? 0
    var effects: [Effect] = []
    for order in orders {
      let token = log.start(order, at: feed.picture.clock, after: after)
      beginTurn(dialog, token)
      effects.append(.perform(token, order))
    }
    view.tags.subtract(dialog.targets + dialog.rolled)
    if dialog.kind == .endRoll {
      endRoll()
      return []
    }
    say("\(orders.map(\.summary).joined(separator: ", ")): sent")
    return effects
  }
}

extension Dialog {
  /// Whether the present input is valid and the balancer was not asked about it.
  fileprivate var isUnasked: Bool {
    guard kind == .add || kind == .limit else { return false }
    let orders = orders()
    return !orders.isEmpty && orders != inquiry.asked
  }

  mutating func moveFocus(by step: Int) {
    let order = focusOrder
    let place = order.firstIndex(of: focus) ?? 0
    focus = order[(place + step + order.count) % order.count]
  }

  /// Enter in a field goes to the next one. After the full confirmation text it goes to the button
  /// for which that was typed, otherwise to Cancel.
  mutating func leaveField() {
    guard case .field(let name) = focus else { return }
    if let place = fields.firstIndex(where: { $0.name == name }), let fault = fields[place].fault {
      complaint = fault
      return
    }
    moveFocus(by: 1)
    if name == .confirmation, text(of: name) == confirmationText { focus = .confirm }
  }
}

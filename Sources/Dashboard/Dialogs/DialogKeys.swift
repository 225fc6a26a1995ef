internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// Opens the question about the session under the cursor, the tagged instances, or the one under
  /// the cursor.
  mutating func openDialog(_ kind: Dialog.Kind) -> [Effect] {
    message = nil
    let session = kind == .endSession ? closeUp?.selectedSession : nil
    var dialog = Dialog(kind, targets: targets(of: kind), session: session)
    dialog.clock = feed.picture.clock
    let drains = Set(dialog.targets.map { feed.snapshot?[$0]?.drain?.terms })
    if kind == .drain, drains.count == 1, let terms = drains.first ?? nil {
      dialog.fill(with: terms, at: feed.picture.clock)
    }
    cover(with: .dialog(dialog))
    return ask(about: dialog)
  }

  /// Why that cannot be asked now; nil where it can.
  func obstacle(to kind: Dialog.Kind) -> String? {
    if let obstacleToChange { return obstacleToChange }
    if kind == .add { return nil }
    if kind == .endSession { return obstacleToSession }
    let targets = targets(of: kind)
    if targets.isEmpty { return "no instance is under the cursor" }
    guard kind != .remove else { return nil }
    let balancer = targets.first { feed.snapshot?[$0]?.role.isLoadBalancer ?? false }
    return balancer.map { "\($0) is a dedicated load balancer, and takes no sessions" }
  }

  /// The instances that it would be about.
  private func targets(of kind: Dialog.Kind) -> [InstanceID] {
    if kind == .add { return [] }
    if kind == .endSession { return closeUp.map { [$0.id] } ?? [] }
    guard let snapshot = feed.snapshot else { return [] }
    var ids = selected.map { [$0] } ?? []
    switch overlay {
    case .detail(let id, _), .help(.detail(let id), _): ids = [id]
    case .none, .help, .alerts, .dialog:
      guard !view.tags.isEmpty else { break }
      ids = view.tags.sorted { NaturalOrder.precedes($0.text, $1.text) }
    }
    return ids.filter { snapshot[$0] != nil }
  }

  /// Changes the open dialog. A form is asked about when a field is left, not at every letter.
  mutating func changeDialog(_ change: (inout Dialog) -> Void) -> [Effect] {
    guard case .dialog(var dialog) = overlay else { return [] }
    dialog.complaint = nil
    change(&dialog)
    if dialog.isUnasked { return ask(about: dialog) }
    overlay = .dialog(dialog)
    return []
  }

  /// What turns the page of a text that is too long; nil for the key that does not.
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

  /// A letter that answers nothing was meant for something else, so the question goes away
  /// before more of them come.
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

  /// A key in the field that is in focus.
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

  /// In a reason ↑ brings back those that were typed before; elsewhere it is the field before.
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
      let text = typedBefore.recall(step, kind, from: field.text)
    else { return nil }
    return edit(dialog, name) { field in
      field.text = text
      field.cursor = LineCursor()
    }
  }

  /// Help while a line is typed, which is typed on afterwards.
  mutating func helpFromALine() -> [Effect] {
    palette = nil
    view.isHelpOverLine = true
    return toggleHelp()
  }

  /// Help stands in front of the line that is typed.
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
    // What was said of something else holds no more.
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
      dialog.complaint = "several keys came at once, so none of them confirms; press it again"
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
    uncover()
    for field in dialog.fields {
      if let kind = field.kindBefore { typedBefore.keep(field.text, kind) }
    }
    dialog.clock = feed.picture.clock
    let orders = dialog.orders(acknowledging: dialog.inquiry.warnings)
    let after = feed.snapshot?.actions.first?.id ?? 0
    var effects: [Effect] = []
    for order in orders {
      effects.append(.perform(log.start(order, at: feed.picture.clock, after: after), order))
    }
    view.tags.subtract(dialog.targets)
    say("\(orders.map(\.summary).joined(separator: ", ")): sent")
    return effects
  }
}

extension Dialog {
  /// What is typed now is valid, and not what the balancer was asked about.
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

  /// Enter in a field goes on to the next one; after a name typed in full, to the button it
  /// was typed for, else to Cancel.
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

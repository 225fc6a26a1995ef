internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// Opens the question for the tagged instances, else the one under the cursor.
  mutating func openDialog(_ kind: Dialog.Kind) -> [Effect] {
    if kind == .remove, isAboutSessions { return openEndOfSession() }
    let targets = kind == .add ? [] : targetsNow()
    if let obstacle = obstacle(to: kind, of: targets) {
      say("\(kind.rawValue): \(obstacle)", .bad)
      return [.bell]
    }
    message = nil
    var dialog = Dialog(kind, targets: targets)
    dialog.clock = presentClock
    let drains = Set(targets.map { feed.snapshot?[$0]?.drain?.terms })
    if kind == .drain, drains.count == 1, let terms = drains.first ?? nil {
      dialog.fill(with: terms, at: presentClock)
    }
    cover(with: .dialog(dialog))
    return ask(about: dialog)
  }

  /// There is something that this can be done to. Of many tagged ones that is seen when the key
  /// is pressed.
  func canAsk(_ kind: Dialog.Kind) -> Bool {
    if kind == .remove, isAboutSessions { return closeUp?.selectedSession != nil }
    if kind == .add || detailShown == nil && !view.tags.isEmpty { return true }
    return obstacle(to: kind, of: targetsNow()) == nil
  }

  private func obstacle(to kind: Dialog.Kind, of targets: [InstanceID]) -> String? {
    if kind == .add { return nil }
    if targets.isEmpty { return "no instance is under the cursor" }
    guard kind != .remove else { return nil }
    let balancer = targets.first { feed.snapshot?[$0]?.role.isLoadBalancer ?? false }
    return balancer.map { "\($0) is a dedicated load balancer, and takes no sessions" }
  }

  /// `X` is about a session: the thing in focus.
  var isAboutSessions: Bool {
    detailShown == nil ? view.pane == .sessions : isPickingSession
  }

  /// The instance whose details, or whose help of them, are on the screen.
  private var detailShown: InstanceID? {
    switch overlay {
    case .detail(let id, _), .help(.detail(let id), _): id
    case .none, .help, .alerts, .dialog: nil
    }
  }

  private func targetsNow() -> [InstanceID] {
    guard let snapshot = feed.snapshot else { return [] }
    var ids = selected.map { [$0] } ?? []
    if let detailShown {
      ids = [detailShown]
    } else if !view.tags.isEmpty {
      ids = view.tags.sorted { NaturalOrder.precedes($0.text, $1.text) }
    }
    return ids.filter { snapshot[$0] != nil }
  }

  mutating func handle(_ key: Key, in dialog: Dialog) -> [Effect] {
    var dialog = dialog
    dialog.complaint = nil
    switch (key, dialog.focus) {
    case (.escape, _): return cancel(dialog)
    case (.tab, _), (.down, _): dialog.moveFocus(by: 1)
    case (.backTab, _), (.up, _): dialog.moveFocus(by: -1)
    case (.pageDown, _), (.pageUp, _):
      let last = picture(of: dialog, on: size).pageCount - 1
      dialog.page = min(max(0, min(dialog.page, last) + (key == .pageDown ? 1 : -1)), last)
    case (.left, .cancel), (.left, .confirm), (.right, .cancel), (.right, .confirm):
      dialog.focus = dialog.focus == .cancel ? .confirm : .cancel
    case (.enter, .cancel), (.character("n"), .cancel), (.character("n"), .confirm):
      return cancel(dialog)
    case (.enter, .confirm), (.character("y"), .cancel), (.character("y"), .confirm):
      return confirm(dialog)
    case (.enter, .field(let name)): dialog.leave(name)
    case (.character(let letter), _) where !dialog.takes(letter):
      return cancel(dialog, because: key)
    case (_, .field(let name)): return edit(dialog, name) { $0.take(key) }
    default: break
    }
    // A form is asked about when a field is left, not at every letter.
    if dialog.isUnasked { return ask(about: dialog) }
    overlay = .dialog(dialog)
    return []
  }

  private mutating func cancel(_ dialog: Dialog) -> [Effect] {
    uncover()
    say("\(dialog.kind.rawValue) cancelled; nothing was changed")
    return []
  }

  /// A letter that answers nothing was meant for something else, so the question goes away
  /// before more of them come.
  private mutating func cancel(_ dialog: Dialog, because key: Key) -> [Effect] {
    uncover()
    say("\(dialog.kind.rawValue) cancelled: the key \(key) is no answer; nothing was changed", .bad)
    return [.bell]
  }

  /// Changes a field of the dialog.
  mutating func edit(
    _ dialog: Dialog, _ name: DialogField.Name, _ change: (inout DialogField) -> Void
  ) -> [Effect] {
    var dialog = dialog
    guard let place = dialog.fields.firstIndex(where: { $0.name == name }) else { return [] }
    let before = dialog.fields[place]
    change(&dialog.fields[place])
    guard dialog.fields[place] != before else { return [] }
    if dialog.fields[place].isCheck { return ask(about: dialog) }
    // What was said of something else holds no more.
    if dialog.kind == .add || dialog.kind == .limit, name != .confirmation {
      dialog.inquiry = Inquiry()
    }
    if name == .deadline { dialog.clock = presentClock }
    overlay = .dialog(dialog)
    return []
  }

  private mutating func confirm(_ dialog: Dialog) -> [Effect] {
    var dialog = dialog
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
    dialog.clock = presentClock
    let mutations = dialog.mutations(acknowledging: dialog.inquiry.warnings)
    let after = feed.snapshot?.actions.first?.id ?? 0
    var effects: [Effect] = []
    for mutation in mutations {
      effects.append(.perform(log.start(mutation, at: presentClock, after: after), mutation))
    }
    view.tags.subtract(dialog.targets)
    say("\(mutations.map(\.summary).joined(separator: ", ")): sent")
    return effects
  }
}

extension Dialog {
  /// What is typed now is valid, and not what the balancer was asked about.
  fileprivate var isUnasked: Bool {
    guard kind == .add || kind == .limit else { return false }
    let mutations = mutations()
    return !mutations.isEmpty && mutations != inquiry.asked
  }

  mutating func moveFocus(by step: Int) {
    let order = focusOrder
    let place = order.firstIndex(of: focus) ?? 0
    focus = order[(place + step + order.count) % order.count]
  }

  /// Enter in a field goes on to the next one; after a name typed in full, to the button it
  /// was typed for, else to Cancel.
  mutating func leave(_ name: DialogField.Name) {
    if let place = fields.firstIndex(where: { $0.name == name }), let fault = fields[place].fault {
      complaint = fault
      return
    }
    moveFocus(by: 1)
    if name == .confirmation, text(of: name) == confirmationText { focus = .confirm }
  }
}

extension Dialog {
  /// The letter means something where the focus is: it is text of a field, ticks a box, or answers
  /// the question.
  fileprivate func takes(_ letter: Character) -> Bool {
    switch focus {
    case .cancel, .confirm: letter == "y" || letter == "n"
    case .field(let name):
      letter == " " || fields.first { $0.name == name }?.isCheck != true
    }
  }
}

extension DialogField {
  mutating func take(_ key: Key) {
    switch key {
    case .character(" ") where isCheck: isOn.toggle()
    case .character(let character) where !isCheck: append(character)
    case .backspace where !isCheck: text = String(text.dropLast())
    case .control("u") where !isCheck: text = ""
    default: break
    }
  }
}

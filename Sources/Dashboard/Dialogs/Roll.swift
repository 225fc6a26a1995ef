internal import CellGrid
internal import ClusterModel

/// A rolling restart that this screen leads. It drains one instance after the other until its
/// restart, and asks before each next one.
struct Roll: Equatable, Sendable {
  var machine: RollingRestart
  /// The terms for all of them, as typed: a span counts again for each.
  var fields: [DialogField]
  /// The drain that was sent and has no answer yet.
  var pending: RequestToken?
  /// The last snapshot that the machine has seen.
  var sequence: Int64?
  /// The instance for which this screen has asked: it asks again only after `N`.
  var offered: InstanceID?

  /// The instance whose turn it is.
  var next: InstanceID? {
    if case .drain(let id) = machine.step, pending == nil { id } else { nil }
  }

  /// The progress: `ROLLING 1 of 4: AOS02 drains, 12 sessions left`.
  var words: String {
    let count = "\(machine.restarted.count) of \(machine.ids.count) restarted"
    let step = next.map { "\($0) is next (N)" } ?? machine.step.words
    return "ROLLING RESTART, \(count): \(step)"
  }
}

extension Dashboard {
  /// `N`: begins, offers the next instance again, or asks whether to end it.
  mutating func openRoll() -> [Effect] {
    guard let roll else { return openDialog(.roll) }
    guard let next = roll.next else { return openDialog(.endRoll) }
    return offer(next)
  }

  /// Why there can be none; nil where there can.
  var obstacleToRoll: String? {
    roll == nil ? obstacle(to: .roll) : obstacleToChange
  }

  /// Asks whether to continue with this instance. Without an answer nothing happens.
  private mutating func offer(_ id: InstanceID) -> [Effect] {
    guard let roll else { return [] }
    self.roll?.offered = id
    var dialog = Dialog(.roll, targets: [id])
    dialog.fields = roll.fields
    dialog.rolled = roll.machine.rest
    dialog.clock = feed.picture.clock
    dialog.seen = ordered(of: [id])
    dialog.lastAction = feed.snapshot?.actions.first?.id ?? 0
    cover(with: .dialog(dialog))
    let effects = ask(about: dialog)
    return effects + askForSessions()
  }

  /// The operator confirmed the dialog of a rolling restart, and its first drain is sent.
  mutating func beginTurn(_ dialog: Dialog, _ token: RequestToken) {
    guard dialog.kind == .roll, let snapshot = feed.snapshot else { return }
    if roll == nil {
      roll = Roll(
        machine: RollingRestart(
          dialog.rolled, in: snapshot, pauseOver: min(100, options.thresholds.criticalPercent)),
        fields: dialog.fields)
    }
    roll?.fields = dialog.fields.map { field in
      var field = field
      if field.name == .confirmation { field.text = "" }
      return field
    }
    roll?.pending = token
    roll?.offered = dialog.targets.first
  }

  /// Takes the result of the drain that was sent.
  mutating func finishTurn(_ answer: Answer, for token: RequestToken) {
    guard let roll, roll.pending == token else { return }
    self.roll?.pending = nil
    guard case .done(let instances, _, _) = answer, let instance = instances.first else { return }
    self.roll?.machine.ordered(instance.id, at: instance.admissionAt)
  }

  /// Follows the cluster, and offers the next instance when it is its turn.
  mutating func settleRoll() -> [Effect] {
    guard var roll, roll.pending == nil, feed.isLive, let snapshot = feed.snapshot else {
      return []
    }
    if roll.sequence != snapshot.sequence {
      roll.sequence = snapshot.sequence
      roll.machine.note(snapshot)
      self.roll = roll
    }
    if roll.machine.step == .done {
      self.roll = nil
      say("Rolling restart done: \(Format.count(roll.machine.ids.count, "instance")).", .good)
      return [.bell]
    }
    guard let next = roll.next, roll.offered != next, isFree, obstacleToChange == nil else {
      return []
    }
    return [.bell] + offer(next)
  }

  /// Whether the operator does nothing that a question would interrupt.
  private var isFree: Bool {
    guard palette == nil, !isTypingLine, held == nil else { return false }
    switch overlay {
    case .none, .detail: return true
    case .help, .alerts, .dialog: return false
    }
  }

  mutating func endRoll() {
    guard let roll else { return }
    self.roll = nil
    let rest = roll.machine.rest.map(\.text).joined(separator: ", ")
    say("Rolling restart ended; not restarted: \(rest).")
  }

  /// The text of a turn's dialog before the terms.
  func rollQuestion(_ dialog: Dialog) -> String {
    guard let first = dialog.rolled.first, let instance = feed.snapshot?[first] else { return "" }
    let rest = dialog.rolled.dropFirst().map(\.text)
    let isFirst = roll == nil
    var text = "\(isFirst ? "Begin with" : "Go on with") \(first) "
    text += "(\(instance.sessionsText) sessions\([instance].withoutNotices))? "
    text += "It is drained until you restart it"
    var dialog = dialog
    dialog.clock = feed.picture.clock
    text += "; \(leaving(dialog.terms))."
    if rest.isEmpty { return text + " It is the last one." }
    let names = rest.prefix(6).joined(separator: ", ") + (rest.count > 6 ? ", …" : "")
    return text + " When it is back in the list, you are asked about the next: \(names)."
  }

  var endRollQuestion: String {
    guard let roll else { return "" }
    let current = roll.machine.current.map { " \($0) stays drained until its restart." } ?? ""
    let rest = roll.machine.rest.filter { $0 != roll.machine.current }.map(\.text)
    let others = rest.isEmpty ? "" : " Not begun: \(rest.joined(separator: ", "))."
    return "End the rolling restart? \(roll.machine.step.words).\(current)\(others)"
  }
}

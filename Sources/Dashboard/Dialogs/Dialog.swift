package import ClusterModel

/// A question before a change. Its targets are fixed when it opens; its numbers stay up to date.
package struct Dialog: Equatable, Sendable {
  package enum Kind: String, Hashable, Sendable {
    case drain, enable, remove, add
    case limit = "maximum"
    case endSession = "end session"
    /// A turn of a rolling restart, and its end.
    case roll, endRoll = "end rolling restart"
  }

  /// The part that gets the keys: a field or a button.
  enum Focus: Hashable, Sendable {
    case field(DialogField.Name)
    case cancel
    case confirm
  }

  package let kind: Kind
  /// Set when the dialog opens. Empty for add.
  package let targets: [InstanceID]
  /// The session to end; nil for everything else.
  package let session: SessionInfo?
  var fields: [DialogField]
  /// The balancer's clock when the deadline was typed: `30m` counts from then.
  var clock = Timestamp(milliseconds: 0)
  /// The terms with which all targets are drained already; they are in the fields.
  private(set) var termsInForce = DrainTerms.plain
  var focus: Focus
  var inquiry = Inquiry()
  /// The orders for its targets, as the operator has seen them.
  var seen: [InstanceID: AdmissionRecord<OpenEnum<Admission>>] = [:]
  /// The targets that somebody else changed while it was open, with the orders before.
  var changed: [InstanceID: AdmissionRecord<OpenEnum<Admission>>] = [:]
  /// The number of the newest action when it opened.
  var lastAction: Int64 = 0
  /// Whether targets were changed since the operator last looked: the next confirming key is
  /// ignored.
  var isUnread = false
  /// The number of tagged instances that the filter hid when it opened: they are not targets.
  var hiddenTags = 0
  /// The sessions of its only target; nil while they are not known.
  var sessions: [SessionInfo]?
  /// The request for these sessions that has no answer yet.
  var sessionsRequest: RequestToken?
  /// Several sessions to end together; otherwise empty.
  var endings: [FoundSession] = []
  /// All instances that must still be restarted, its target first.
  var rolled: [InstanceID] = []
  /// What is wrong with what was typed or pressed.
  var complaint: String?
  /// The page of its text, if there is no room for all of it; counted from 0.
  var page = 0

  init(_ kind: Kind, targets: [InstanceID], session: SessionInfo? = nil) {
    self.kind = kind
    self.targets = targets
    self.session = session
    fields = DialogField.fields(for: kind)
    // A form starts in its first field, a question on Cancel.
    switch kind {
    case .add: focus = .field(.id)
    case .limit: focus = .field(.maximum)
    case .drain, .enable, .remove, .endSession, .roll, .endRoll: focus = .cancel
    }
  }

  /// `AOS03`, or `3 instances`.
  var targetsText: String {
    targets.count == 1 ? targets[0].text : Format.count(targets.count, "instance")
  }

  /// What must be typed before it is carried out; nil where `y` is enough.
  var confirmationText: String? {
    guard kind == .remove || !inquiry.warnings.isEmpty else { return nil }
    if targets.count > 1 { return "\(kind.word) \(targets.count)" }
    return targets.first?.text ?? text(of: .id)
  }

  /// The fields on the screen. The one for the confirmation text is the last.
  var visibleFields: [DialogField] {
    fields.filter { $0.name != .confirmation || confirmationText != nil }
  }

  /// The fields that fit: those around the focus, otherwise the first ones, and the confirmation.
  func fields(fitting most: Int) -> [DialogField] {
    let all = visibleFields
    guard all.count > most else { return all }
    if case .field(let name) = focus, let place = all.firstIndex(where: { $0.name == name }) {
      let start = max(0, place - most + 1)
      return Array(all[start..<start + most])
    }
    guard most > 1, let last = all.last, last.name == .confirmation else {
      return Array(all.prefix(most))
    }
    return all.prefix(most - 1) + [last]
  }

  /// The order of Tab.
  var focusOrder: [Focus] { visibleFields.map { .field($0.name) } + [.cancel, .confirm] }

  func text(of name: DialogField.Name) -> String {
    fields.first { $0.name == name }?.text ?? ""
  }

  func isOn(_ name: DialogField.Name) -> Bool {
    fields.first { $0.name == name }?.isOn ?? false
  }

  /// What is wrong with the input so far; nil where it can be sent.
  var fault: String? {
    for field in fields { if let fault = field.fault { return fault } }
    return nil
  }

  /// Why it cannot be carried out yet; nil where it can.
  var obstacle: String? {
    if let fault { return fault }
    if let refusal = inquiry.refusal { return refusal }
    guard inquiry.isAnswered || !isForetold else { return "the balancer has not answered yet" }
    if let confirmationText, text(of: .confirmation) != confirmationText {
      return "type \"\(confirmationText)\" first"
    }
    return nil
  }

  /// Whether the balancer can say what the change would do. It cannot for the end of a session.
  var isForetold: Bool { kind != .endSession && kind != .endRoll }

  /// The changes about which the balancer is asked beforehand. The terms of a drain do not change
  /// who is in the list, so it is asked even while a term is half typed.
  var questions: [Order] {
    guard isForetold else { return [] }
    guard kind == .drain || kind == .roll else { return orders() }
    let typed = text(of: .reason)
    return [Order(.drain(targets, reason: typed.isEmpty ? nil : typed))]
  }

  /// Puts the terms of a current drain into the fields, so that sending them unchanged lifts none.
  /// A deadline in the past is left out.
  mutating func fill(with terms: DrainTerms, at now: Timestamp) {
    termsInForce = terms
    if let deadline = terms.deadline, deadline <= now { termsInForce.deadline = nil }
    let texts: [DialogField.Name: String?] = [
      .message: terms.message.map(PlainText.cleaned),
      .deadline: termsInForce.deadline.map(Format.moment),
      .idle: terms.closeIdleAfterSeconds.map(SpanText.text),
    ]
    for place in fields.indices {
      fields[place].kept = texts[fields[place].name].flatMap { $0 } ?? ""
      fields[place].text = fields[place].kept
      if fields[place].name == .untilRestart { fields[place].isOn = terms.untilRestart }
    }
  }

  /// Puts the terms that somebody else has set into the fields, except for those typed here.
  mutating func adopt(_ terms: DrainTerms, at now: Timestamp) {
    let inForce = termsInForce.untilRestart
    let typed = fields.filter {
      $0.isCheck ? $0.name == .untilRestart && $0.isOn != inForce : $0.text != $0.kept
    }
    fill(with: terms, at: now)
    for field in typed {
      guard let place = fields.firstIndex(where: { $0.name == field.name }) else { continue }
      (fields[place].text, fields[place].isOn) = (field.text, field.isOn)
    }
  }

  private var deadline: Timestamp? {
    let typed = text(of: .deadline)
    let isKept = fields.contains { $0.name == .deadline && $0.kept == typed }
    return isKept ? termsInForce.deadline : SpokenTime.deadline(typed, at: clock)
  }

  /// The terms of a drain that were filled in.
  var terms: DrainTerms {
    let message = text(of: .message)
    return DrainTerms(
      message: message.isEmpty ? nil : message,
      closeIdleAfterSeconds: SpokenTime.idleSeconds(text(of: .idle)),
      deadline: deadline,
      untilRestart: kind == .roll || isOn(.untilRestart))
  }

  /// The changes of the dialog; none while the input is not valid.
  func orders(acknowledging warnings: [OpenEnum<ImpactWarning>] = []) -> [Order] {
    guard fault == nil else { return [] }
    let typed = text(of: .reason)
    let reason = typed.isEmpty ? nil : typed
    switch kind {
    case .drain, .roll:
      return [Order(.drain(targets, reason: reason, terms: terms), acknowledge: warnings)]
    case .endRoll: return []
    case .enable: return [Order(.enable(targets, reason: reason), acknowledge: warnings)]
    case .remove: return [Order(.remove(targets, force: isOn(.force)), acknowledge: warnings)]
    case .limit:
      return [Order(.limit(targets, to: Int(text(of: .maximum))), acknowledge: warnings)]
    case .endSession:
      guard endings.isEmpty, let session else { return [] }
      return targets.map { Order(ending: session, of: $0) }
    case .add:
      guard let id = try? InstanceID(text(of: .id)),
        let address = try? Address(text(of: .address), defaultPort: Address.defaultPort)
      else { return [] }
      return [Order(.add(id, at: address, accept: isOn(.accept), tls: isOn(.tls)))]
    }
  }
}

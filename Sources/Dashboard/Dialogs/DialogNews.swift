internal import CellGrid
internal import ClusterModel

/// Changes around an open dialog, and the sessions of its instance.
extension Dashboard {
  /// The present order for each of them.
  func ordered(of targets: [InstanceID]) -> [InstanceID: AdmissionRecord<OpenEnum<Admission>>] {
    var ordered: [InstanceID: AdmissionRecord<OpenEnum<Admission>>] = [:]
    for id in targets { ordered[id] = newest(id)?.record }
    return ordered
  }

  /// Notices changes, and puts the new terms into the fields.
  ///
  /// - Returns: Whether somebody else changed something.
  func noteChanges(_ dialog: inout Dialog) -> Bool {
    let now = ordered(of: dialog.targets)
    let changed = dialog.targets.filter { id in
      // Our own change is recognised by its answer.
      guard let before = dialog.seen[id], let record = now[id], log.waiting(for: id) == nil
      else { return false }
      return !record.orders(theSameAs: before)
    }
    guard !changed.isEmpty else { return false }
    let others = changed.filter { id in
      guard let own = log.answered[id], let record = now[id] else { return true }
      return !record.orders(theSameAs: own)
    }
    for id in others where dialog.changed[id] == nil { dialog.changed[id] = dialog.seen[id] }
    for id in changed { dialog.seen[id] = now[id] }
    if dialog.kind == .drain {
      // The terms of a turn are for all instances, so they stay.
      dialog.adopt(commonTerms(of: dialog.targets) ?? .plain, at: feed.picture.clock)
    }
    guard !others.isEmpty else { return false }
    dialog.isUnread = true
    dialog.complaint = nil
    dialog.page = 0
    return true
  }

  /// Who changed which target, and to what: a sentence for each.
  func changeWords(_ dialog: Dialog) -> [String] {
    dialog.targets.flatMap { id -> [String] in
      guard let before = dialog.changed[id], let instance = feed.snapshot?[id] else { return [] }
      var words: [String] = []
      if before.admissionAt != instance.admissionAt || before.admission != instance.admission {
        words.append(admissionWords(instance))
      }
      if before.limit != instance.limit {
        let maximum = instance.limit.map { Format.grouped($0) } ?? "the configured value"
        let action = feed.snapshot?.actions.first {
          $0.instance == id && $0.action == .known(.limit) && $0.id > dialog.lastAction
        }
        words.append("\(action?.actorWords ?? "Somebody") set the maximum of \(id) to \(maximum).")
      }
      return words.isEmpty ? ["Somebody changed \(id) and changed it back."] : words
    }
  }

  private func admissionWords(_ instance: InstanceStatus) -> String {
    let deed = instance.admission == .rejecting ? "drained" : "enabled"
    var text = "\(instance.admissionByWords) \(deed) \(instance.id) at "
    text += Format.second(instance.admissionAt)
    if let reason = instance.admissionReason, !reason.isEmpty {
      text += " (\(PlainText.cleaned(reason)))"
    }
    let terms = instance.drain?.terms ?? .plain
    if let deadline = terms.deadline { text += "; its sessions end \(spoken(deadline))" }
    if let message = terms.message { text += "; message: \(PlainText.cleaned(message))" }
    return text + "."
  }

  /// A sentence about tagged instances that are left out.
  func hiddenWords(_ dialog: Dialog) -> String {
    switch dialog.hiddenTags {
    case 0: ""
    case 1: "1 tagged instance is hidden by the filter: it is left out."
    case let count:
      "\(Format.grouped(count)) tagged instances are hidden by the filter: they are "
        + "left out."
    }
  }
}

extension AdmissionRecord {
  /// Whether both are the same order of the same person at the same time. The progress of a drain
  /// is not an order.
  fileprivate func orders(theSameAs other: Self) -> Bool {
    admission == other.admission && admissionAt == other.admissionAt
      && admissionBy == other.admissionBy && limit == other.limit
      && drain?.terms == other.drain?.terms
  }
}

// MARK: - Connected users

extension Dashboard {
  /// Asks who is connected to the only server that would lose its clients.
  mutating func askForSessions() -> [Effect] {
    guard case .dialog(var dialog) = overlay, dialog.kind.sendsClientsAway,
      dialog.targets.count == 1, let id = dialog.targets.first, let instance = feed.snapshot?[id],
      !instance.role.isLoadBalancer, instance.health == .alive, instance.load.connected > 0,
      closeUp?.id != id
    else { return [] }
    let token = log.token()
    dialog.sessionsRequest = token
    overlay = .dialog(dialog)
    return [.sessions(token, id)]
  }

  /// Takes an answer that an open dialog asked for.
  ///
  /// - Returns: False where the answer is for something else.
  mutating func takeSessions(_ answer: Answer, for token: RequestToken) -> Bool {
    guard case .dialog(var dialog) = overlay, dialog.sessionsRequest == token else { return false }
    dialog.sessionsRequest = nil
    // If the sessions are not known, they are left out.
    if case .sessions(let sessions) = answer { dialog.sessions = sessions }
    overlay = .dialog(dialog)
    return true
  }

  /// Who is connected: the oldest, the one last active, and how many batch jobs.
  func presenceWords(_ dialog: Dialog) -> String {
    guard dialog.kind.sendsClientsAway, dialog.targets.count == 1, let id = dialog.targets.first
    else { return "" }
    let sessions = (closeUp?.id == id ? closeUp?.sessions : nil) ?? dialog.sessions ?? []
    guard let oldest = sessions.min(by: { ($0.since, $0.session) < ($1.since, $1.session) }) else {
      return ""
    }
    let clock = feed.picture.clock
    let age = Format.span(milliseconds: clock.milliseconds(since: oldest.since))
    var parts = ["\(name(of: oldest)) for \(age) (oldest)"]
    let active = sessions.compactMap { session in session.activeAt.map { ($0, session) } }
    if let (at, latest) = active.max(by: { $0.0 < $1.0 }) {
      let span = Format.span(milliseconds: clock.milliseconds(since: at))
      let isOldest = latest.session == oldest.session
      parts.append(
        isOldest ? "active \(span) ago" : "\(name(of: latest)) active \(span) ago (last)")
    }
    let batch = sessions.count { $0.kind == .known(.batch) }
    if batch > 0 { parts.append(Format.count(batch, "batch job")) }
    return "Connected: \(parts.joined(separator: ", "))."
  }

  private func name(of session: SessionInfo) -> String {
    let user = session.userText.truncated(to: 24)
    return session.computer.isEmpty ? user : "\(user) on \(session.computerText.truncated(to: 24))"
  }
}

extension Dialog.Kind {
  /// Whether it is about the tagged instances, if there are any.
  var isAboutTags: Bool {
    switch self {
    case .drain, .enable, .remove, .limit, .roll: true
    case .add, .endSession, .endRoll: false
    }
  }

  /// Whether its target takes no new clients any more.
  var sendsClientsAway: Bool { self == .drain || self == .remove || self == .roll }
}

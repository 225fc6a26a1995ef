internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// The question: what is done to which targets, and the consequences.
  func question(_ dialog: Dialog, _ targets: [InstanceStatus]) -> String {
    let sessions = targets.reduce(0) { $0 + $1.load.connected }
    let silent = silentWords(dialog, targets)
    let whom: String
    if let only = targets.first, targets.count == 1 {
      whom = "\(only.id) (\(only.sessionsText) sessions\(silent))"
    } else {
      whom =
        "\(Format.count(targets.count, "instance")) (\(Format.count(sessions, "session"))\(silent))"
    }
    switch dialog.kind {
    case .endSession where !dialog.endings.isEmpty: return endingsQuestion(dialog)
    case .endSession:
      guard let session = dialog.session, let id = dialog.targets.first else { return "" }
      let age = Format.span(milliseconds: feed.picture.clock.milliseconds(since: session.since))
      return "End the session of \(session.userText) on \(session.computerText) at \(id)? "
        + "Open for \(age). What is not saved is lost."
    case .drain:
      var dialog = dialog
      // A span counts from the moment of sending.
      dialog.clock = feed.picture.clock
      return "Drain \(whom)? \(refusing(targets))\(leaving(dialog.terms))."
        + later(targets)
    case .roll: return rollQuestion(dialog) + later(targets)
    case .endRoll: return endRollQuestion
    case .enable:
      return "Enable \(whom)? \(enabling(targets))."
        + later(targets)
    case .remove:
      return "Remove \(whom) from the cluster? "
        + (targets.count == 1
          ? "It takes no more sessions and cannot rejoin until it is added again."
          : "They take no more sessions and cannot rejoin until they are added again.")
        + openSessions(sessions) + waitingWords(targets)
    case .limit:
      let own = targets.first.map {
        $0.limit == nil ? "configured on the instance" : "set by an operator"
      }
      let maximum = Format.grouped(targets.first?.load.maximum ?? 0)
      let now = targets.count == 1 ? " Now \(maximum) (\(own ?? ""))." : ""
      return "Change the maximum of \(whom)?\(now) Type a number, or \"none\" to go back to the "
        + "configured value."
        + staying(targets, under: Int(dialog.text(of: .maximum))) + later(targets)
    case .add:
      return "Add an instance to the cluster. It rejects clients until you enable it, unless "
        + "you tick the box."
    }
  }

  /// Which sessions are not told, where users may lose their server.
  private func silentWords(_ dialog: Dialog, _ targets: [InstanceStatus]) -> String {
    switch dialog.kind {
    case .drain, .remove: targets.withoutNotices
    case .roll, .enable, .limit, .add, .endSession, .endRoll: ""
    }
  }

  /// Which open sessions end because of it; empty where none do.
  func endWords(_ dialog: Dialog, _ targets: [InstanceStatus]) -> String {
    switch dialog.kind {
    case .endSession: return "What is not saved is lost."
    case .drain, .roll:
      var dialog = dialog
      dialog.clock = feed.picture.clock
      let terms = dialog.terms
      guard terms.deadline != nil || terms.closeIdleAfterSeconds != nil else { return "" }
      let words = leaving(terms)
      return words.prefix(1).uppercased() + words.dropFirst() + "."
    case .enable, .remove, .limit, .add, .endRoll: return ""
    }
  }

  /// The immediate effect of a drain. For targets that are drained already it replaces the terms.
  private func refusing(_ targets: [InstanceStatus]) -> String {
    let done = targets.count { $0.admission == .rejecting }
    if done == 0 { return "No new clients; " }
    if let only = targets.first, targets.count == 1 {
      let since = Format.minute(only.drain?.startedAt ?? only.admissionAt)
      return "Already draining since \(since) (\(only.admissionByWords)). "
        + "This replaces its message, deadline and reason; "
    }
    let some = done == 1 ? "1 of them rejects" : "\(Format.grouped(done)) of them reject"
    let who = done == targets.count ? "They reject" : some
    return "\(who) new clients already; all get the terms below: "
  }

  /// What happens only later.
  private func later(_ targets: [InstanceStatus]) -> String {
    waitingWords(targets) + unreached(targets)
  }

  /// Which targets get the order only later.
  private func unreached(_ targets: [InstanceStatus]) -> String {
    let away = targets.filter { $0.health != .alive }
    guard let first = away.first else { return "" }
    if targets.count == 1 {
      return " It is \(first.healthText) and gets the order when it is back."
    }
    let some = away.count == 1 ? "\(first.id) is" : "\(Format.grouped(away.count)) of them are"
    return " \(some) not reachable and get\(away.count == 1 ? "s" : "") the order later."
  }

  /// A maximum below the number of open sessions ends none of them.
  private func staying(_ targets: [InstanceStatus], under maximum: Int?) -> String {
    guard let maximum, targets.contains(where: { $0.load.connected > maximum }) else { return "" }
    return " Open sessions above it stay."
  }

  private func enabling(_ targets: [InstanceStatus]) -> String {
    let done = targets.count { isEnabled($0.id) }
    if done == 0 { return "New clients can log on again" }
    if done == targets.count {
      return done == 1 ? "It is enabled already" : "They are enabled already"
    }
    let some = done == 1 ? "1 of them is" : "\(Format.grouped(done)) of them are"
    return "New clients can log on again; \(some) enabled already"
  }

  /// Whose sessions end, and when.
  func leaving(_ terms: DrainTerms) -> String {
    var parts: [String] = []
    if let seconds = terms.closeIdleAfterSeconds {
      let span = Format.span(milliseconds: Int64(seconds) * 1_000)
      parts.append("sessions idle for \(span) end")
    }
    if let deadline = terms.deadline {
      let all = parts.isEmpty ? "all sessions" : "all others"
      parts.append("\(all) end \(spoken(deadline))")
    }
    return parts.isEmpty ? "no session is ended" : parts.joined(separator: "; ")
  }

  /// A future time with its distance: `in 30 min, 22:30 UTC`.
  func spoken(_ time: Timestamp) -> String {
    let clock = feed.picture.clock
    let ahead = max(0, time.milliseconds(since: clock))
    let isToday = time.description.prefix(10) == clock.description.prefix(10)
    let moment = isToday ? Format.minute(time) : String(Format.moment(time).prefix(16))
    return "in \(Format.roundedSpan(milliseconds: ahead)), \(moment) UTC"
  }

  /// What happens to the sessions of a removed instance.
  private func openSessions(_ count: Int) -> String {
    if count == 0 { return " No session is open." }
    let some = count == 1 ? "session stays" : "sessions stay"
    return " The \(Format.grouped(count)) open \(some) connected until their users leave."
  }

  /// The question about several targets in one line; their number is in the title.
  func shortQuestion(
    _ dialog: Dialog, _ targets: [InstanceStatus], columns: Int
  ) -> String {
    let sessions = targets.reduce(0) { $0 + $1.load.connected }
    let tail = " (\(Format.count(sessions, "session"))\(silentWords(dialog, targets)))?"
    var text = "\(dialog.kind.opening) \(targets[0].id)"
    for (place, target) in targets.enumerated().dropFirst() {
      let longer = text + ", \(target.id)"
      let mark = place == targets.count - 1 ? "" : ", …"
      guard (longer + mark + tail).columns <= columns else { return text + ", …" + tail }
      text = longer
    }
    return text + tail
  }
}

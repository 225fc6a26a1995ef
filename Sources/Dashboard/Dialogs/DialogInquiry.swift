internal import ClusterModel

extension Dashboard {
  /// Shows the dialog and asks the balancer what the change would do.
  mutating func ask(about dialog: Dialog) -> [Effect] {
    var dialog = dialog
    // The earlier answer stays visible until the new one comes.
    let before = dialog.inquiry
    dialog.inquiry = Inquiry()
    dialog.inquiry.previous = before.shownImpacts
    dialog.inquiry.asked = dialog.questions
    dialog.inquiry.isRenewal = before.isAnswered && before.asked == dialog.inquiry.asked
    dialog.inquiry.premise = feed.snapshot.map(Premise.init) ?? Premise()
    dialog.inquiry.comparedSequence = feed.snapshot?.sequence
    dialog.inquiry.askedAt = now
    var effects: [Effect] = []
    for order in dialog.inquiry.asked {
      let token = log.token()
      dialog.inquiry.pending.insert(token)
      effects.append(.dryRun(token, order))
    }
    overlay = .dialog(dialog)
    return effects
  }

  /// Takes the answer to a dry run or to a change.
  mutating func receive(_ answer: Answer, for token: RequestToken) {
    if takeCloseUp(answer, for: token) || takeSessions(answer, for: token) { return }
    if takeSearch(answer, for: token) || takeEndings(answer, for: token) { return }
    if case .dialog(var dialog) = overlay, dialog.inquiry.pending.remove(token) != nil {
      dialog.inquiry.receive(answer, at: now)
      overlay = .dialog(dialog)
      return
    }
    finishTurn(answer, for: token)
    switch answer {
    case .done(let instances, let delivered, _):
      guard let order = log.finish(token, .done) else { return }
      log.keep(instances)
      closeUp?.askAt = now
      // No balancer has heard of it yet, which is normal after adding it.
      let isGood = delivered || order.command.kind == .add
      say(order.outcome(instances, delivered: delivered), isGood ? .good : .bad)
    case .refused(let words, let warnings):
      guard let order = log.finish(token, .refused(words)) else { return }
      let named = warnings.isEmpty ? "" : " (\(warnings.map(\.sentence).joined(separator: "; ")))"
      say("\(order.summary) refused: \(words)\(named)", .bad)
    case .sessions, .history, .found, .ended: break  // of a close-up or a search that is no more
    case .failed(let reason):
      guard let order = log.finish(token, .refused("no answer: \(reason)")) else { return }
      say("\(order.summary): no answer: \(reason); check the result before you repeat it", .bad)
    }
  }

  /// Keeps an open dialog up to date: it closes with its instance, and asks again when the answer
  /// may have changed.
  mutating func settleDialog() -> [Effect] {
    guard case .dialog(var dialog) = overlay, let snapshot = feed.snapshot else { return [] }
    if let gone = dialog.targets.first(where: { snapshot[$0] == nil }) {
      uncover()
      say("\(dialog.kind.deed) cancelled: \(gone) left the cluster.", .bad)
      return [.bell]
    }
    if let session = dialog.session, sessionHasEnded(session, at: dialog.targets) {
      uncover()
      say("The session of \(session.userText) has ended already.")
      return [.bell]
    }
    if let obstacleToChange {
      uncover()
      say("\(dialog.kind.deed) cancelled: \(obstacleToChange).", .bad)
      return [.bell]
    }
    let isNew = noteChanges(&dialog)
    overlay = .dialog(dialog)
    let bell: [Effect] = isNew ? [.bell] : []
    guard dialog.inquiry.pending.isEmpty, !dialog.inquiry.asked.isEmpty else { return bell }
    dialog.inquiry.compare(snapshot)
    overlay = .dialog(dialog)
    let due = [dialog.inquiry.retryAt, dialog.inquiry.renewAt].compactMap { $0 }.min()
    return bell + (due.map { $0 <= now } ?? false ? ask(about: dialog) : [])
  }
}

extension Inquiry {
  /// Compares the cluster with its state at the time of the question.
  mutating func compare(_ snapshot: ClusterSnapshot) {
    guard comparedSequence != snapshot.sequence else { return }
    comparedSequence = snapshot.sequence
    let current = Premise(snapshot)
    if current.states != premise.states {
      renewAt = askedAt + Self.renewalMilliseconds
    } else {
      renewAt = current.loads != premise.loads ? askedAt + Self.loadRenewalMilliseconds : nil
    }
  }

  /// How long to wait before an unanswered question is repeated.
  private static let retryMilliseconds: Int64 = 2_000

  mutating func receive(_ answer: Answer, at now: Int64) {
    switch answer {
    case .done(let named, _, let impact):
      impacts.append(impact)
      instances += named
    case .refused(let words, let warnings):
      if warnings.isEmpty {
        refusal = PlainText.cleaned(words)
      } else {
        // Some servers refuse even a dry run until its warnings are acknowledged.
        impacts.append(
          Impact(handshakeList: [], workloadBefore: nil, workloadAfter: nil, warnings: warnings))
      }
    case .sessions, .history, .found, .ended: break
    case .failed(let reason):
      refusal = "the balancer gave no answer: \(PlainText.cleaned(reason))"
      retryAt = now + Self.retryMilliseconds
    }
  }
}

extension String {
  fileprivate func forOne(_ isOne: Bool) -> String {
    isOne ? "it" + dropFirst("they".count) : self
  }
}

extension Order {
  /// What was done, from the balancer's answer.
  fileprivate func outcome(_ instances: [InstanceStatus], delivered: Bool) -> String {
    var text = "\(summary): done"
    if instances.count == 1, case .remove = command {
    } else if instances.count == 1 {
      text += "; it is \(instances[0].stateText)"
    }
    guard !delivered else { return text }
    if case .add = command { return "\(text); \(effectOfOlderOrder)" }
    let waiting = instances.compactMap(\.undelivered)
    if instances.count == 1, let words = waiting.first {
      return "\(text); committed, but not yet obeyed: \(words)"
    }
    return "\(text); committed, but not yet obeyed: until then \(effectOfOlderOrder)"
  }

  /// What the instances that do not know the order yet may still do.
  private var effectOfOlderOrder: String {
    let isOne = command.ids.count == 1
    return switch command {
    case .drain, .remove: "they may still take clients".forOne(isOne)
    case .enable: "they may still reject clients".forOne(isOne)
    case .limit: "an older maximum may still hold"
    case .add: "it gets no clients until it has connected"
    default: "the session may stay open"
    }
  }
}

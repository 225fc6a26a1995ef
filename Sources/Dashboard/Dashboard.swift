package import CellGrid
internal import ClusterModel

/// aostop without a terminal: the screen is a function of the events.
///
/// Times are monotonic milliseconds and come with every event; wall-clock times come only from the
/// feed. Cursor, tags and the targets of dialogs are ids of instances, never rows.
package struct Dashboard: Equatable, Sendable {
  package let options: DashboardOptions
  package internal(set) var size = Size(columns: 80, rows: 24)
  /// The time of the last event.
  package internal(set) var now: Int64 = 0
  package internal(set) var feed = Feed()
  var view: View
  var overlay = Overlay.none
  /// Whether the current keys came too fast for a person: then none of them confirms anything.
  var isBurst = false
  /// The details from which it was opened, which are shown again after it.
  var beneath = Overlay.none
  /// The rolling restart that this screen leads; nil: none.
  var roll: Roll?
  /// The open list of commands; nil: none.
  var palette: Palette?
  /// Earlier input, for ↑ and ↓.
  var typedBefore = TypedBefore()
  var rows = Rows()
  var log = OwnLog()
  /// The sessions of a user on all servers, instead of those of one instance; nil: none.
  var search: SessionSearch?
  /// The request to end several sessions that has no answer yet.
  var endingRequest: RequestToken?
  /// The sessions of the instance whose details are open.
  var closeUp: CloseUp?
  package internal(set) var alerts = AlertBook()
  var message: Message?
  /// The picture that stays on the screen instead of the newest one: paused, or of the past.
  var held: Picture?
  /// How many pictures of the past were requested and have not come yet.
  var awaitedPictures = 0
  /// Why the balancer accepts no changes from this operator; nil where it does.
  var accessRefusal: String?
  /// Whether the feed is not recorded although the operator asked for it.
  var isRecordingStopped = false

  package init(options: DashboardOptions) {
    self.options = options
    view = View(options: options)
    if options.replay != nil { feed.picture.origin = .replay(isRunning: false) }
  }

  /// Takes an event.
  ///
  /// - Parameter now: Monotonic milliseconds; earlier times than before count as that time.
  /// - Returns: What the program around it should do, in this order.
  package mutating func handle(_ event: Event, at now: Int64) -> [Effect] {
    self.now = max(self.now, now)
    feed.pass(to: self.now)
    var effects: [Effect] = []
    switch event {
    case .keys(let keys, let followsAtOnce):
      effects = handle(keys, followsAtOnce: followsAtOnce)
      seeDrained()
    case .resized(let size): self.size = size
    case .connecting(let endpoint): feed.connect(to: endpoint)
    case .live(let endpoint): goLive(endpoint)
    case .lost(let reason, let retryAt): lose(reason, retryAt)
    case .snapshot(let snapshot): receive(snapshot)
    case .change(let change): apply(change)
    case .action(let action): append(action)
    case .event(let event): feed.append(event)
    case .history(let history):
      feed.fill(from: history)
      if view.sort.followsTime, held == nil { rebuildRows() }
    case .answer(let token, let answer): receive(answer, for: token)
    case .past(let picture): receive(picture)
    case .recording(let notice): receive(notice)
    case .copied(let text, let reach): effects = tellOfCopy(text, reach)
    case .notice(let text): say(text)
    case .access(let refusal): learnAccess(refusal)
    case .tick: break
    }
    return effects + settleScreen()
  }

  /// When the picture changes by time alone, in monotonic milliseconds: the program then sends
  /// `.tick` and draws. Nil: never.
  package var nextDeadline: Int64? {
    var deadlines: [Int64] = []
    if let message { deadlines.append(message.until) }
    if let heldUntil = view.heldUntil { deadlines.append(heldUntil) }
    if case .lost = feed.connection { deadlines.append(nextWholeSecond) }
    if feed.isStale { deadlines.append(nextWholeSecond) }
    if feed.isHeard {
      deadlines += [feed.picture.history.nextSampleAt, alerts.nextCheckAt].compactMap { $0 }
    }
    if case .dialog(let dialog) = overlay, dialog.inquiry.pending.isEmpty {
      deadlines += [dialog.inquiry.retryAt, dialog.inquiry.renewAt].compactMap { $0 }
    }
    if origin == .live {
      deadlines += [picture.rankMarks.nextEnd, picture.stateMarks.nextEnd].compactMap { $0 }
    }
    if let askAt = nextCloseUpAt { deadlines.append(askAt) }
    return deadlines.min().map { max($0, now + 1) }
  }

  private var nextWholeSecond: Int64 { (now / 1_000 + 1) * 1_000 }

  mutating func say(_ text: String, _ tone: Message.Tone = .plain) {
    message = Message(
      text: PlainText.cleaned(text), tone: tone, until: now + tone.lifetimeMilliseconds)
  }

  /// Covers the screen with an overlay.
  mutating func cover(with overlay: Overlay) {
    switch self.overlay {
    case .detail: beneath = self.overlay
    case .help(.detail(let id), _): beneath = .detail(id, offset: 0)
    case .help(.dialog, _): break
    case .none: beneath = .none
    case .help, .alerts, .dialog: break
    }
    self.overlay = overlay
  }

  /// Removes it again.
  mutating func uncover() { (overlay, beneath) = (beneath, .none) }
}

internal import CellGrid
internal import ClusterModel

/// The name of a session on all servers.
struct SessionKey: Hashable, Sendable {
  var instance: InstanceID
  var id: String

  init(_ found: FoundSession) { (instance, id) = (found.instance, found.info.session) }
}

extension SessionInfo {
  /// Whether every word occurs in it, in any order and case.
  func holds(_ words: [SearchedText]) -> Bool {
    let all = "\(userText) \(computerText) \(kind.rawValue)"
    return words.allSatisfy { $0.isPart(of: all) }
  }
}

/// The filter of the pane of sessions, and actions on several sessions.
extension Dashboard {
  /// The most sessions that one request ends.
  static let mostEndings = 100

  /// The sessions in the pane, filtered and sorted.
  var listedSessions: [FoundSession] {
    if isSearching { return search?.visible(view.sessionFilter) ?? [] }
    guard let closeUp else { return [] }
    return (closeUp.visible ?? []).map { FoundSession($0, at: closeUp.id) }
  }

  /// The tagged sessions among them; those that the filter hides do not count.
  var taggedSessions: [FoundSession] {
    guard view.pane == .sessions, !isPickingSession, !view.sessionTags.isEmpty else { return [] }
    return listedSessions.filter { view.sessionTags.contains(SessionKey($0)) }
  }

  mutating func toggleSessionTag() {
    guard let picked = pickedSession else { return }
    let key = SessionKey(picked)
    if view.sessionTags.remove(key) == nil { view.sessionTags.insert(key) }
    move(by: 1)
  }

  mutating func tagAllSessions() {
    let all = listedSessions
    view.sessionTags.formUnion(all.map { SessionKey($0) })
    say("\(Format.count(all.count, "session")) tagged")
  }

  mutating func untagAll() { (view.tags, view.sessionTags) = ([], []) }

  mutating func startSessionFilter() {
    view.isFilteringSessions = true
    view.lineCursor = LineCursor()
  }

  mutating func endSessionFilter(keeping: Bool) {
    view.isFilteringSessions = false
    if !keeping { setSessionFilter("") }
  }

  mutating func typeSessionFilter(_ key: Key) {
    let text = view.sessionFilter
    if case .character(let character) = key {
      guard let fit = Filter.checked(view.lineCursor.inserting(character, into: text)) else {
        return
      }
      setSessionFilter(fit)
    } else if let edited = view.lineCursor.edit(text, by: key) {
      setSessionFilter(edited)
    }
  }

  mutating func setSessionFilter(_ text: String) {
    view.sessionFilter = text
    closeUp?.filter = text
    closeUp?.settleCursor()
    search?.cursor = 0
    view.offsets[.sessions] = 0
  }

  /// The users whose sessions are ended, in the question.
  func endingsQuestion(_ dialog: Dialog) -> String {
    let servers = Format.count(Set(dialog.endings.map(\.instance)).count, "server")
    let names = dialog.endings.prefix(8).map { "\($0.info.userText) at \($0.instance)" }
    let more = dialog.endings.count > names.count ? ", …" : ""
    return "End \(Format.count(dialog.endings.count, "session")) on \(servers)? "
      + "\(names.joined(separator: ", "))\(more). What is not saved is lost."
  }

  /// Sends one request for all of them.
  mutating func endTagged(_ dialog: Dialog) -> [Effect] {
    let token = log.token()
    endingRequest = token
    view.sessionTags.subtract(dialog.endings.map { SessionKey($0) })
    say("end \(Format.count(dialog.endings.count, "session")): sent")
    return [.endSessions(token, dialog.endings)]
  }

  /// Takes the result.
  ///
  /// - Returns: False where the answer is for something else.
  mutating func takeEndings(_ answer: Answer, for token: RequestToken) -> Bool {
    guard endingRequest == token else { return false }
    endingRequest = nil
    closeUp?.askAt = now
    switch answer {
    case .ended(let count, let missed):
      let ended = "\(Format.count(count, "session")) ended"
      if missed.isEmpty {
        say(ended, .good)
      } else {
        let rest = missed.prefix(3).joined(separator: "; ") + (missed.count > 3 ? "; …" : "")
        say("\(ended); \(Format.grouped(missed.count)) not: \(rest)", .bad)
      }
    case .refused(let words, _): say("end of sessions refused: \(words)", .bad)
    case .failed(let words):
      say("end of sessions: no answer: \(words); check the result before you repeat it", .bad)
    case .done, .sessions, .history, .found: break
    }
    return true
  }
}

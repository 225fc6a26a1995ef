import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

/// How the stories of the manual are told: keys, picture, keys, picture.
extension Story {
  /// Words of the picture in their order, side by side. How many blanks stand between two columns
  /// is what the whole pictures show.
  func shows(_ line: String, sourceLocation: SourceLocation = #_sourceLocation) {
    let isThere = picture.contains(line) || picture.narrow.contains(line.narrow)
    #expect(isThere, "\(line)\n\(picture)", sourceLocation: sourceLocation)
  }

  /// The words of the open dialog in one line, wherever its lines are broken.
  var dialogWords: String {
    guard case .dialog(let dialog) = dashboard.overlay else { return "" }
    let lines = dashboard.picture(of: dialog, on: dashboard.size).lines.map(\.text)
    return lines.flatMap { $0.split(separator: " ") }.joined(separator: " ")
  }

  /// Goes with Tab to what the dialog can have in focus, wherever that stands.
  mutating func tab(to focus: Dialog.Focus, sourceLocation: SourceLocation = #_sourceLocation) {
    for _ in 0..<12 {
      if case .dialog(let dialog) = dashboard.overlay, dialog.focus == focus { return }
      press(.tab)
    }
    Issue.record("\(focus) is missing:\n\(picture)", sourceLocation: sourceLocation)
  }

  func hides(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(!picture.contains(text), "\(picture)", sourceLocation: sourceLocation)
  }

  /// What the operator asked of the cluster so far, as commands.
  var commands: [String] {
    effects.compactMap { if case .perform(_, let order) = $0 { order.commandLine() } else { nil } }
  }

  /// The balancer carries out what was asked last.
  mutating func carryOut(
    _ instances: [InstanceStatus] = [], delivered: Bool = true,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ edit: (inout ClusterSnapshot) -> Void = { _ in }
  ) {
    change(edit)
    let impact = Impact(handshakeList: [], workloadBefore: nil, workloadAfter: nil, warnings: [])
    answerChange(
      .done(instances: instances, delivered: delivered, impact: impact), sourceLocation)
  }

  mutating func refuse(_ words: String, sourceLocation: SourceLocation = #_sourceLocation) {
    answerChange(.refused(words, warnings: []), sourceLocation)
  }

  private mutating func answerChange(_ answer: Answer, _ sourceLocation: SourceLocation) {
    guard case .perform(let token, _)? = effects.last(where: \.isChange) else {
      Issue.record("nothing was asked of the cluster:\n\(picture)", sourceLocation: sourceLocation)
      return
    }
    send(.answer(token, answer))
  }
}

// MARK: - What happens around the operator

extension Story {
  /// Minutes go by, and in each of them AOS01 gets a session more.
  mutating func passMinutes(_ count: Int) {
    for _ in 0..<count {
      wait(milliseconds: 60_000)
      change { snapshot in
        snapshot.at = snapshot.at.adding(milliseconds: 60_000)
        let before = snapshot[Fixture.id("AOS01")]?.load.connected ?? 0
        snapshot.setLoad(Load(connected: before + 1, maximum: 60), of: Fixture.id("AOS01"))
      }
    }
  }

  /// This many sessions are open now.
  mutating func setSessions(_ name: String, _ connected: Int, of maximum: Int = 60) {
    change { $0.setLoad(Load(connected: connected, maximum: maximum), of: Fixture.id(name)) }
  }

  /// The instance tells who is connected, wherever that was asked for.
  mutating func answerSessions(_ sessions: [SessionInfo]) {
    let asked = effects
    effects = []
    for effect in asked {
      if case .sessions(let token, _) = effect {
        send(.answer(token, .sessions(sessions)))
      } else {
        effects.append(effect)
      }
    }
  }

  /// Clicks on a text of the screen.
  mutating func click(
    _ text: String, below row: Int = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let lines = picture.split(separator: "\n", omittingEmptySubsequences: false)
    for line in row..<lines.count {
      guard let place = lines[line].ranges(of: text).first else { continue }
      let column = lines[line].distance(from: lines[line].startIndex, to: place.lowerBound)
      return press(.mouse(Mouse(.click, row: line, column: column)))
    }
    Issue.record("\(text) is not on the screen:\n\(picture)", sourceLocation: sourceLocation)
  }
}

extension Fixture {
  /// Three servers with room and nothing amiss.
  static let quiet: ClusterSnapshot = {
    var snapshot = Fixture.snapshot
    for instance in servers { snapshot.remove(instance.id) }
    for (number, name) in ["AOS01", "AOS02", "AOS03"].enumerated() {
      snapshot.insert(server(name, 10 * (number + 1), of: 60))
    }
    snapshot.handshakeList = ids("AOS01", "AOS02", "AOS03")
    return snapshot
  }()

  static let carol = SessionInfo(
    session: "s1", kind: .client, user: "carol", computer: "PC-7", since: ago(5_400),
    activeAt: ago(60))
  static let dave = SessionInfo(
    session: "s2", kind: .client, user: "dave", computer: "PC-9", since: ago(600), activeAt: nil)
}

extension Effect {
  fileprivate var isChange: Bool { if case .perform = self { true } else { false } }
}

extension String {
  /// The text with one blank where there are many.
  fileprivate var narrow: String {
    var text = ""
    for character in self where character != " " || text.last != " " { text.append(character) }
    return text
  }
}

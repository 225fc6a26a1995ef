import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("What is pasted is never keys")
struct PasteTests {
  private static let harmful = "DXEMA y\r\nAOS01\r\n\r\ny"

  @Test(
    "outside of a text field a paste does nothing but say so",
    arguments: [
      [], [.character("2")], [.character("4")], [.character("?")], [.enter], [.character("a")],
      [.character("D")], [.character("D"), .backTab], [.character("X")],
      [.character("A"), .tab, .tab],
    ] as [[Key]])
  func outside(keys: [Key]) {
    var story = Story()
    for key in keys { story.press(key) }
    story.answerDryRuns(.fine())
    let (overlay, view, effects) = (
      story.dashboard.overlay, story.dashboard.view, story.effects
    )
    story.press(.paste(Self.harmful))
    #expect(story.dashboard.overlay == overlay)
    #expect(story.dashboard.view == view)
    #expect(story.effects == effects + [.bell])
    #expect(story.message == "paste ignored: no text field is being filled in")
  }

  @Test("in a text field a paste is one line of text, and its line breaks send nothing")
  func field() {
    var story = Story()
    let text = "ticket\t4711\u{1B}[2J\r\nnow\u{200B} \u{202E}y\r\n"
    story.press(.character("D"))
    story.tab(to: .field(.reason))
    story.press(.paste(text))
    story.answerDryRuns(.fine())
    story.shows(" ▸Reason         [ticket 4711[2J now y▏")
    #expect(story.commands == [])
    story.tab(to: .confirm)
    story.press(.enter)
    #expect(story.commands == ["aosctl drain AOS01 --reason 'ticket 4711[2J now y'"])
  }

  @Test("a paste is cut to the size of the field, with a message")
  func cut() {
    var story = Story()
    story.press(.character("D"))
    story.tab(to: .field(.reason))
    story.press(.paste(String(repeating: "äb ", count: 400)))
    #expect(story.message == "only 500 characters of the paste fit")
    guard case .dialog(let dialog) = story.dashboard.overlay else { return }
    #expect(dialog.text(of: .reason).count == 500)
  }

  @Test("in the filter and in a time a paste is text as well")
  func filter() {
    var story = Story()
    story.press(.character("/"), .paste("AOS05\n"))
    #expect(story.order == ["AOS05"])
    story.press(.paste(String(repeating: "x", count: 200)))
    #expect(story.message == "only 123 characters of the paste fit")
    story.press(.escape, .character("b"), .paste("10:41 D y\n"))
    story.shows("10:41 ")
    #expect(story.commands == [])
  }

  @Test(
    "a burst of letters confirms nothing, whether it waits together or follows at once",
    arguments: [
      [.character("y")], [.tab, .enter], [.character("y"), .character("y")],
      [.tab, .tab, .character("y")],
    ] as [[Key]])
  func burst(keys: [Key]) {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    for key in keys { story.send(.keys([key], followsAtOnce: true)) }
    #expect(story.commands == [])
    story.press(.escape, .character("D"))
    story.answerDryRuns(.fine())
    if keys.count > 1 { story.send(.keys(keys)) }
    #expect(story.commands == [])
  }

  @Test("after a burst the same key by itself confirms")
  func afterBurst() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.send(.keys([.character("y")], followsAtOnce: true))
    story.shows("several keys came at once, so none of them counts; press it again")
    story.press(.character("y"))
    #expect(story.commands == ["aosctl drain AOS01"])
  }

  @Test("whatever text comes as keys all at once, nothing is changed", arguments: 0..<200)
  func anyText(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let letters = Array("DXEMAynq \n\t/AOS01drain2?")
    var story = Story(options: DashboardOptions(usesMouse: true))
    for _ in 0..<60 {
      let keys = (0..<Int.random(in: 1...20, using: &random)).map { _ -> Key in
        let letter = letters.randomElement(using: &random) ?? "y"
        return letter == "\n" ? .enter : letter == "\t" ? .tab : .character(letter)
      }
      story.send(.keys(keys, followsAtOnce: true))
      story.answerDryRuns(.fine())
    }
    #expect(story.commands == [])
  }

  @Test(
    "a letter that does not answer a question cancels it, with a message",
    arguments: ["q", "Y", "x", "D", "1", " ", "ü"] as [Character])
  func otherLetter(letter: Character) {
    for kind: Character in ["D", "E", "X"] {
      var story = Story()
      story.press(.down, .down, .down, .down, .character(kind))
      story.answerDryRuns(.fine())
      story.send(.keys([.character(letter), .character("D")]))
      #expect(story.dashboard.overlay == .none)
      #expect(story.message.contains("cancelled: \(Key.character(letter)) is not an answer"))
      #expect(story.dashboard.message?.tone == .bad)
      #expect(story.effects.last == .bell)
      #expect(story.commands == [])
    }
  }

  @Test("a letter on a box that is not a blank cancels, in a text field it is text")
  func letterInForm() {
    var story = Story()
    story.press(.character("A"), .character("x"))
    story.shows("[x▏")
    story.press(.tab, .tab, .character(" "))
    story.shows("[x] accept clients as soon as it connects")
    story.press(.character("y"))
    #expect(story.dashboard.overlay == .none)
    #expect(story.message.hasPrefix("Add cancelled: y is not an answer"))
  }
}

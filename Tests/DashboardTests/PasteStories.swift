import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: pastes and slips of the hand")
struct PasteStories {
  @Test("Paste a reason from the ticket: it becomes one line, and its line breaks send nothing")
  func pastedReason() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.press(.tab, .tab, .paste("kernel update\r\nticket 4711\r\n"))
    story.shows(" ▸Reason         [kernel update ticket 4711▏")
    #expect(story.commands == [])
    story.press(.backTab, .enter)
    #expect(story.commands == ["aosctl drain AOS01 --reason 'kernel update ticket 4711'"])
  }

  @Test("Press a letter that is not an answer: the question goes away before more letters come")
  func wrongLetter() {
    var story = Story(columns: 120)
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.press(.character("q"))
    story.shows(" Drain cancelled: q is not an answer.")
    story.hides("[ Drain ]")
    #expect(story.commands == [])
  }

  @Test("Paste by mistake: over a question and over the panes it changes nothing, with a message")
  func pastedAnswer() {
    var story = Story()
    story.press(.paste("Drain AOS01\ny\n"))
    story.shows(" paste ignored: no text field is being filled in")
    story.hides("[ Drain ]")
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.press(.paste("y\n"))
    story.shows("[▸Cancel◂]   [ Drain ]")
    #expect(story.commands == [])
  }

  @Test("Keys that come all at once, from a terminal that marks no paste, confirm nothing")
  func burst() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.send(.keys([.character("y")], followsAtOnce: true))
    story.shows("│ several keys came at once, so none of them counts; press it again")
    story.press(.character("y"))
    #expect(story.commands == ["aosctl drain AOS01"])
  }
}

import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Lines that are typed, and keys that mean nothing")
struct TypingTests {
  @Test(
    "a line is edited in its middle: ← → Home End Delete, Ctrl-A E K W U",
    arguments: [
      ([.left, .left, "x"], "aos x01"), ([.home, "x"], "xaos 01"),
      ([.control("a"), .delete, "b"], "bos 01"), ([.home, .end, "x"], "aos 01x"),
      ([.left, .left, .control("k")], "aos "), ([.control("w")], "aos "),
      ([.control("w"), .control("w"), "z"], "z"), ([.left, .control("w")], "aos 1"),
      ([.left, .control("u"), "z"], "z"), ([.left, .backspace], "aos 1"),
      ([.home, .right, .right, "x"], "aoxs 01"), ([.control("a"), .control("e"), "x"], "aos 01x"),
      ([.right, .delete, .left, .left, .left, .left, .left, .left, .left, "x"], "xaos 01"),
    ] as [([Key], String)])
  func editing(keys: [Key], text: String) {
    var story = Story()
    story.press(.character("/"))
    story.type("aos 01")
    for key in keys { story.press(key) }
    #expect(story.dashboard.view.filter.text == text)
    // So does a field of a dialog.
    var form = Story(columns: 100, rows: 30)
    form.press(.character("D"), .tab, .tab)
    form.type("aos 01")
    for key in keys { form.press(key) }
    guard case .dialog(let dialog) = form.dashboard.overlay else {
      Issue.record("no dialog")
      return
    }
    #expect(dialog.fields.first?.text == text)
  }

  @Test("the cursor is seen where it stands, and a long line shows what is around it")
  func cursor() {
    var story = Story()
    story.press(.character("/"))
    story.type("aos 01")
    story.press(.left, .left)
    story.shows(" Filter: aos ▏01")
    story.press(.control("u"))
    story.type(String(repeating: "x", count: 90))
    story.shows("x▏")
    var time = Story()
    time.press(.character("b"))
    time.type("1042")
    time.press(.left, .left, .character(":"))
    time.shows(" Time (UTC): 10:▏42")
  }

  @Test("in an empty filter ↑ brings back what was typed before, and ↓ goes forward again")
  func before() {
    var story = Story()
    for text in ["state:full", "load>80"] {
      story.press(.character("/"))
      story.type(text)
      story.press(.enter, .escape)
    }
    story.press(.character("/"), .up)
    #expect(story.dashboard.view.filter.text == "load>80")
    story.press(.up)
    #expect(story.dashboard.view.filter.text == "state:full")
    #expect(story.order == ["AOS02", "AOS06"])
    story.press(.up, .down)
    #expect(story.dashboard.view.filter.text == "load>80")
    story.press(.down)
    #expect(story.dashboard.view.filter.text.isEmpty)
    // Where something is typed the arrows go to the rows, as ever.
    story.type("aos0")
    story.press(.down)
    #expect(story.dashboard.view.filterBefore == nil)
    var time = Story()
    time.press(.character("b"))
    time.type("10:40")
    time.press(.enter, .character("b"), .up)
    #expect(time.dashboard.view.timeText == "10:40")
  }

  @Test("a reason that was given before comes back with ↑, and Tab goes on as ever")
  func reasons() {
    var story = Story(columns: 100, rows: 30)
    for reason in ["kernel", "disk"] {
      story.press(.character("D"))
      while !story.picture.contains("▸Reason") { story.press(.tab) }
      story.type(reason)
      story.answerDryRuns(.fine())
      while !story.picture.contains("[▸Drain◂]") { story.press(.tab) }
      story.press(.enter)
    }
    story.press(.character("D"))
    while !story.picture.contains("▸Reason") { story.press(.tab) }
    story.press(.up)
    story.shows("[disk▏")
    story.press(.up)
    story.shows("[kernel▏")
    story.press(.down)
    story.shows("[disk▏")
    story.press(.tab)
    story.hides("▸Reason")
  }

  @Test("a key that means nothing says so, and what its letter does in the other case")
  func unknown() {
    for (key, words) in [
      ("d", "d: no such key (? help; D drains)"), ("e", "e: no such key (? help; E enables)"),
      ("m", "m: no such key (? help; M changes the maximum)"),
      ("P", "P: no such key (? help; p: problems only)"), ("%", "%: no such key (? help)"),
    ] as [(Character, String)] {
      var story = Story()
      story.press(.character(key))
      #expect(story.message == words)
      #expect(story.effects.isEmpty)
      story.wait(milliseconds: 5_000)
      #expect(story.message.isEmpty)
    }
    var story = Story()
    story.press(.function(7))
    #expect(story.message == "F7: no such key (? help)")
  }

  @Test("F1 is help everywhere, ? outside of text fields; typed text is kept")
  func help() {
    for (before, key, sign) in [
      ([.character("/"), "a"], .function(1), "Filter: a▏"),
      ([.character("b"), "1"], .function(1), "Time (UTC): 1▏"),
      ([.character("D")], "?", "▸Cancel◂"), ([.character("D")], .function(1), "▸Cancel◂"),
      ([.character("D"), .tab, .tab, "x"], .function(1), "[x▏"),
      ([.enter], .function(1), "Instance AOS01"), ([.character("a")], "?", "─ Alerts"),
    ] as [([Key], Key, String)] {
      var story = Story(columns: 100, rows: 30)
      for one in before { story.press(one) }
      story.answerDryRuns(.fine())
      story.shows(sign)
      story.press(key)
      story.shows("─ Help: ")
      story.hides(sign)
      story.press(.escape)
      story.shows(sign)
      #expect(!story.effects.contains { if case .perform = $0 { true } else { false } })
    }
    // The dialog asks again, and can be answered afterwards.
    var story = Story(columns: 100, rows: 30)
    story.press(.character("D"), .character("?"), .escape)
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    #expect(story.commands.count == 1)
    // A connection that was lost meanwhile ends it.
    var lost = Story(columns: 100, rows: 30)
    lost.press(.character("D"), .character("?"))
    lost.send(.lost(reason: "reset", retryAt: lost.now + 1_000))
    lost.press(.escape)
    #expect(lost.dashboard.overlay == .none)
  }
}

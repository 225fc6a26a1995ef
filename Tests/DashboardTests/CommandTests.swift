import CellGrid
import Testing

@testable import Dashboard

@Suite("The table of commands")
struct CommandTests {
  @Test("every command has a key, a title and a help text")
  func complete() {
    for command in Command.all {
      #expect(!command.keys.isEmpty)
      #expect(!command.title.isEmpty)
      #expect(!command.help.isEmpty)
    }
  }

  @Test("no key is bound twice")
  func unique() {
    let keys = Command.all.flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
  }

  @Test("only capital letters change the cluster: D, E, X, M and A")
  func capitals() {
    let keys = Command.all.filter(\.isMutating).flatMap(\.keys)
    #expect(Set(keys) == Set("DEXMA".map { Key.character($0) }))
  }

  @Test("F10 quits and does nothing else")
  func quitKeys() {
    for key in [Key.function(10), .control("c"), .character("q")] {
      var story = Story()
      story.press(key)
      #expect(story.effects == [.quit])
    }
  }

  @Test("Ctrl-C and F10 quit from anywhere", arguments: [Key.control("c"), .function(10)])
  func quitFromAnywhere(key: Key) {
    let places: [[Key]] = [
      [.character("?")], [.enter], [.character("D")], [.character("/"), .character("x")],
      [.character("A")],
    ]
    for place in places {
      var story = Story()
      for key in place { story.press(key) }
      story.press(key)
      #expect(story.effects.last == .quit)
    }
  }

  @Test("Esc never quits, wherever it is pressed")
  func escape() {
    for place: [Key] in [[], [.character("?")], [.enter], [.character("D")], [.character("/")]] {
      var story = Story()
      for key in place { story.press(key) }
      story.press(.escape, .escape, .escape)
      #expect(!story.effects.contains(.quit))
      #expect(story.dashboard.overlay == .none)
    }
  }

  @Test("Ctrl-L, Ctrl-Z, r and y are carried out by the program around it")
  func effects() {
    var story = Story()
    story.press(.control("l"), .control("z"), .character("r"), .character("y"))
    #expect(story.effects == [.redraw, .suspend, .reconnectNow, .copy("AOS01")])
  }

  @Test("every command stands in the help screen, and every column")
  func help() {
    var story = Story(columns: 120, rows: 120)
    story.press(.character("?"))
    for command in Command.all {
      #expect(story.picture.contains(command.help))
      #expect(story.picture.contains(command.keyNames))
    }
    for column in Column.all { #expect(story.picture.contains(column.help)) }
  }

  @Test("the help scrolls to its last line, and no further")
  func helpScrolls() {
    var story = Story()
    story.press(.character("?"))
    #expect(!story.picture.contains("a dedicated load balancer at work"))
    story.press(.end)
    #expect(story.picture.contains("a dedicated load balancer at work"))
    let end = story.picture
    story.press(.down, .pageDown)
    #expect(story.picture == end)
    story.press(.character("q"))
    #expect(story.dashboard.overlay == .none)
    #expect(story.effects.isEmpty)
  }

  @Test("keys that mean nothing do nothing")
  func unknown() {
    var story = Story()
    let before = story.picture
    story.press(.character("d"), .character("x"), .function(9), .delete, .insert, .character("é"))
    #expect(story.picture == before)
    #expect(story.effects.isEmpty)
  }
}

import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Forms: add, remove and the maximum")
struct FormTests {
  private func performed(_ story: Story) -> [Order] {
    story.effects.compactMap { if case .perform(_, let mutation) = $0 { mutation } else { nil } }
  }

  private func asked(_ story: Story) -> [Order] {
    story.effects.compactMap { if case .dryRun(_, let mutation) = $0 { mutation } else { nil } }
  }

  @Test("A checks id and address as they are typed, and arrives rejecting unless ticked")
  func add() throws {
    var story = Story()
    story.press(.character("A"))
    story.type("-")
    #expect(story.picture.contains("id may hold letters, digits"))
    story.press(.backspace)
    story.type("AOS11")
    story.press(.enter)
    story.type("10.0.0.11:99999")
    #expect(story.picture.contains("address has a port outside 1 to 65535"))
    #expect(story.effects.isEmpty)
    for _ in 0..<6 { story.press(.backspace) }
    #expect(story.effects.isEmpty)
    story.press(.enter)
    let address = try Address("10.0.0.11:2712")
    let mutation = Order(.add(Fixture.id("AOS11"), at: address))
    #expect(asked(story).last == mutation)
    story.answerDryRuns(.fine())
    story.press(.tab, .tab, .tab, .enter)
    #expect(performed(story) == [mutation])
  }

  @Test("Enter alone never sends a form")
  func enterAlone() {
    var story = Story()
    story.press(.character("A"))
    story.type("AOS11")
    story.press(.enter)
    story.type("10.0.0.11:2712")
    story.press(.enter)
    story.answerDryRuns(.fine())
    story.press(.enter, .enter, .enter)
    #expect(performed(story).isEmpty)
    #expect(story.dashboard.overlay == .none)
  }

  @Test("the box is ticked with Space")
  func accept() throws {
    var story = Story()
    story.press(.character("A"))
    story.type("AOS11")
    story.press(.tab)
    story.type("host")
    story.press(.tab, .character(" "))
    #expect(story.picture.contains("[x] accept clients as soon as it connects"))
    let address = try Address(host: "host", port: 2712)
    #expect(asked(story).last == Order(.add(Fixture.id("AOS11"), at: address, accept: true)))
    story.press(.tab, .character(" "))
    let mutation = Order(.add(Fixture.id("AOS11"), at: address, accept: true, tls: true))
    #expect(asked(story).last == mutation)
    #expect(mutation.commandLine() == "aosctl add AOS11 host:2712 --accept --tls")
  }

  @Test("remove wants the name typed, and force where it is not drained")
  func remove() {
    var story = Story()
    story.press(.character("X"))
    story.answerDryRuns(.refused("AOS01 is not drained", warnings: []))
    #expect(story.picture.contains("AOS01 is not drained"))
    story.press(.tab, .tab, .character(" "))
    #expect(
      asked(story) == [Order(.remove(Fixture.ids("AOS01"), force: true))])
    story.answerDryRuns(.fine())
    story.press(.tab)
    story.type("AOS01")
    story.press(.enter, .enter)
    #expect(
      performed(story) == [Order(.remove(Fixture.ids("AOS01"), force: true))])
  }

  @Test("several servers are removed by one change with one preview: all of them, or none")
  func removeSeveral() {
    var story = Story()
    story.press(.character(" "), .character(" "), .character("X"))
    #expect(asked(story).count == 1)
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    story.type("remove 2")
    story.press(.enter, .enter)
    #expect(performed(story).map(\.command.ids) == [Fixture.ids("AOS01", "AOS02")])
  }

  @Test("the maximum of several is one change too, and its warnings are those of the whole")
  func limitSeveral() {
    var story = Story()
    story.press(.character(" "), .character(" "), .character("M"))
    story.type("0")
    story.press(.enter)
    let mutation = Order(.limit(Fixture.ids("AOS01", "AOS02"), to: 0))
    #expect(asked(story).last == mutation)
    story.answerDryRuns(.fine(warnings: [.lastServer]))
    #expect(story.picture.contains("Last server: "))
    #expect(mutation.commandLine() == "aosctl limit AOS01 AOS02 0")
  }

  @Test(
    "M takes a number in range, or none",
    arguments: [
      ("0", Int?.some(0)), ("65535", .some(65_535)), ("none", nil),
    ])
  func limit(text: String, maximum: Int?) {
    var story = Story()
    story.press(.character("M"))
    story.type(text)
    story.press(.enter)
    story.answerDryRuns(.fine())
    story.press(.tab, .enter)
    #expect(
      performed(story) == [Order(.limit(Fixture.ids("AOS01"), to: maximum))])
  }

  @Test(
    "M refuses what is not a maximum", arguments: ["65536", "-1", "ten", "1e3", "999999999999"])
  func noLimit(text: String) {
    var story = Story()
    story.press(.character("M"))
    story.type(text)
    #expect(story.picture.contains("maximum must be 0 to 65535, or none"))
    story.press(.tab, .tab, .enter)
    #expect(performed(story).isEmpty)
  }
}

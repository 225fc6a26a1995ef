import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

/// A balancer of the next release: its words are shown as they are.
@Suite("What only a later release knows")
struct FutureTests {
  private static var snapshot: ClusterSnapshot {
    var snapshot = Fixture.snapshot
    var moved = Fixture.server("AOS01", 41, of: 60)
    moved.health = OpenEnum("quarantined")
    moved.exclusion = OpenEnum("quarantine")
    moved.license = .unrecognized(name: "borrowed", seat: 7, reason: "from the pool")
    var paused = Fixture.server("AOS04", 12, of: 60)
    paused.admission = OpenEnum("paused")
    paused.role = OpenRole(name: "server", services: ["application", "reports"])
    var gateway = Fixture.server("AOS03", 3, of: 60)
    gateway.role = OpenRole(name: "gateway", services: [])
    gateway.delivered = false
    gateway.admission = OpenEnum("paused")
    for instance in [moved, paused, gateway] { snapshot.insert(instance) }
    snapshot.handshakeList.removeAll { $0.text == "AOS01" }
    snapshot.balancer.registry.state = OpenEnum("degraded")
    snapshot.license.state = OpenEnum("suspended")
    snapshot.append(
      ActionRecord(
        id: 99, at: Fixture.now, actor: "ana", action: OpenEnum("rollOut"),
        instance: Fixture.id("AOS01"), reason: nil, result: "is rolled out", delivered: true))
    return snapshot
  }

  @Test("is in its row, its list, the header and the actions, on every screen")
  func shown() {
    let story = Story(columns: 260, rows: 50, snapshot: Self.snapshot)
    #expect(story.line(with: " AOS01 ").contains("quarantined"))
    #expect(story.line(with: " AOS01 ").contains("borrowed, seat 7: from the pool"))
    #expect(story.picture.contains("AOS01    quarantine"))
    // The column is narrow; the details and the plain text have all of it.
    #expect(story.line(with: " AOS04 ").contains("app+repo"))
    #expect(story.line(with: " AOS04 ").contains("paused"))
    #expect(story.line(with: " AOS03 ").contains("gateway"))
    #expect(story.line(with: " AOS03 ").contains("paused pending"))
    #expect(story.picture.contains("registry sqlite degraded"))
    #expect(story.picture.contains("suspended"))
    #expect(story.line(with: "is rolled out").contains("rollOut"))
  }

  @Test("is in the details of the instance")
  func details() {
    var story = Story(columns: 120, rows: 60, snapshot: Self.snapshot)
    for _ in 0..<9 where story.dashboard.view.cursor != Fixture.id("AOS04") { story.press(.down) }
    story.press(.enter)
    #expect(story.picture.contains("server, application, reports (not known to this aostop)"))
    #expect(story.line(with: "Admission").contains("paused"))
  }

  @Test(
    "is found by the filter",
    arguments: [
      ("state:quarantined", ["AOS01"]), ("health:quarantined", ["AOS01"]),
      ("admission=paused", ["AOS03", "AOS04"]), ("role:reports", ["AOS04"]),
      ("role=gateway", ["AOS03"]), ("license:borrowed", ["AOS01"]),
      ("excluded:quarantine", ["AOS01"]), ("quarantined", ["AOS01"]),
    ])
  func filtered(text: String, expected: [String]) {
    let story = Story(options: DashboardOptions(filter: text), snapshot: Self.snapshot)
    #expect(story.order == expected)
  }

  @Test("is in the plain text of --once")
  func plain() {
    let text = Dashboard.plainText(of: Self.snapshot, options: DashboardOptions())
    for word in [
      "quarantined", "borrowed", "paused", "app+reports", "gateway", "degraded",
      "suspended", "AOS01  quarantine",
    ] { #expect(text.contains(word), "\(word)\n\(text)") }
  }

  @Test("is a warning that must be typed away, and is acknowledged by its own name")
  func warning() {
    var story = Story()
    let strange = OpenEnum<ImpactWarning>("lastOfItsZone")
    story.press(.character("D"))
    story.answerDryRuns(.fine(warnings: [strange, .overCapacity]))
    #expect(story.picture.contains("lastOfItsZone"))
    story.press(.character("y"))
    #expect(story.effects.allSatisfy { if case .perform = $0 { false } else { true } })
    guard case .dialog(let dialog) = story.dashboard.overlay else {
      Issue.record("no dialog is open")
      return
    }
    #expect(dialog.inquiry.warnings == [.overCapacity, strange])
    let sent = dialog.orders(acknowledging: dialog.inquiry.warnings).first
    #expect(
      sent?.commandLine()
        == "aosctl drain AOS01 --acknowledge overCapacity --acknowledge lastOfItsZone")
  }

  @Test("leaves look-back and replays unchanged: pictures are kept as they were")
  func lookBack() {
    var story = Story(columns: 200, rows: 40, snapshot: Self.snapshot)
    story.wait(milliseconds: 20_000)
    story.change { $0.insert(Fixture.server("AOS02", 1, of: 60)) }
    story.wait(milliseconds: 20_000)
    story.press(.character("["))
    #expect(story.picture.contains("quarantined"))
  }
}

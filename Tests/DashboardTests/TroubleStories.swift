import CellGrid
import ClusterModel
import Testing

@testable import Dashboard

@Suite("Manual: when something is wrong")
struct TroubleStories {
  @Test("the balancer goes away: the last picture stays, with its age, and the keys are refused")
  func lost() {
    var story = Story()
    story.send(.lost(reason: "connection refused", retryAt: story.now + 4_000))
    story.wait(milliseconds: 1_000)
    story.shows(" STALE for 1s: connection refused; next try in 3 s, r = now")
    story.shows("▸ AOS01     app       accepting             41/60")
    story.hides(" D  Drain")
    story.press(.character("D"))
    story.shows("Cannot drain: no connection to a balancer")
    story.press(.character("r"))
    #expect(story.effects.last == .reconnectNow)
    story.send(.connecting(endpoint: "http://lb2:2712"))
    story.shows("trying http://lb2:2712")
    story.send(.live(endpoint: "http://lb2:2712"))
    story.send(.snapshot(Fixture.snapshot))
    story.shows("lost (connection refused); now watching through")
    story.shows(" http://lb2:2712")
    story.shows("live")
    story.hides("STALE")
  }

  @Test("a question that is open when the connection goes is not answered by accident")
  func lostInDialog() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.send(.lost(reason: "reset", retryAt: story.now + 500))
    story.shows("Drain cancelled: the connection was lost.")
    story.send(.live(endpoint: "http://lb1:2712"))
    story.send(.snapshot(Fixture.snapshot))
    story.press(.character("y"), .enter)
    #expect(story.commands == [])
  }

  @Test("a server dies at night: the mark waits until somebody looked")
  func night() {
    var story = Story()
    story.press(.character("a"), .escape)
    story.hides("NEW")
    story.change {
      $0.insert(
        Fixture.server(
          "AOS04", 0, of: 60, health: .unreachable, healthAge: 0, healthReason: "no route to host"))
      $0.handshakeList.removeAll { $0.text == "AOS04" }
    }
    for _ in 0..<100 { story.wait(milliseconds: 60_000) }
    story.shows("1 NEW")
    story.press(.character("a"))
    story.shows("10:42:07  critical  AOS04     unreachable: no route to host")
    story.press(.escape)
    story.hides("NEW")
  }

  @Test("the registry is away: the header says so, and an alert does")
  func registry() {
    var story = Story()
    story.change { $0.balancer.registry.state = .known(.unavailable) }
    story.shows("registry AWAY")
    story.press(.character("a"))
    story.shows("critical  cluster   the registry is away: nothing can be changed")
    story.press(.escape)
    story.change { $0.balancer.registry.state = .known(.available) }
    story.shows("registry ok")
  }

  @Test("nobody is left to take clients: red in the header, said in the list, an alert")
  func nobody() {
    var story = Story()
    story.change { snapshot in
      for server in Fixture.servers {
        snapshot.insert(
          Fixture.server(server.id.text, 0, of: 60, health: .unreachable, healthAge: 1))
      }
      snapshot.handshakeList = []
    }
    story.shows("clients 0/8")
    story.shows("no server takes clients")
    story.press(.character("a"))
    story.shows("critical  cluster   no server takes clients")
  }

  @Test("no seat is left for a server: its state says so, the details say why")
  func seats() {
    var story = Story()
    story.press(.character("/"))
    story.type("license:unlic")
    story.press(.enter, .down)
    story.shows("▸ AOS10     batch     unlicensed")
    story.press(.enter)
    story.shows("License         none: no seat is free")
  }

  @Test("names from outside are shown clean, and never as commands to the terminal")
  func hostile() {
    var story = Story()
    story.change {
      $0.insert(
        Fixture.server(
          "AOS01", 1, of: 60, admission: .rejecting, by: "eve\u{1B}[2J", why: "\u{202E}oops\u{7}",
          drain: Drain(startedAt: Fixture.now, startedWith: 1)))
    }
    story.press(.enter)
    let isClean = story.picture.unicodeScalars.allSatisfy {
      $0 == "\n" || !($0.properties.generalCategory == .control) && $0 != "\u{202E}"
    }
    #expect(isClean)
    story.shows("oops")
  }

  @Test("an action that got no answer is told as such: check the result before you repeat it")
  func unknown() {
    var story = Story()
    story.press(.character("D"))
    story.answerDryRuns(.fine())
    story.press(.character("y"))
    for case .perform(let token, _) in story.effects {
      story.send(.answer(token, .failed("timed out")))
    }
    story.shows("drain AOS01: no answer: timed out; check the result before you repeat it")
  }

  @Test("what was it like before? Back in time, at a time, and back to now")
  func lookBack() {
    var story = Story()
    for second in 1...30 {
      story.now += 1_000
      story.change { snapshot in
        snapshot.at = Fixture.now.adding(milliseconds: Int64(second) * 1_000)
        snapshot.setLoad(Load(connected: 41 - second, maximum: 60), of: Fixture.id("AOS01"))
      }
    }
    story.shows("▸ AOS01     app       accepting             11/60")
    story.press(.character("["))
    story.shows("PAST 10:42:36")
    story.shows("▸ AOS01     app       accepting             12/60")
    story.press(.character("b"))
    story.type("10:42:17")
    story.press(.enter)
    story.shows(" PAST at 10:42:17 UTC; [ ] step, b goes to a time, 0 back to now")
    story.shows("▸ AOS01     app       accepting             31/60")
    story.press(.character("D"))
    story.shows("Cannot drain: you are looking at the past (0 goes back to now)")
    story.press(.character("0"))
    story.shows("▸ AOS01     app       accepting             11/60")
  }

  @Test("cursor and tags outlive a reconnect, a filter and a new order")
  func identity() {
    var story = Story()
    story.press(.down, .character(" "), .down)
    story.shows("*AOS02")
    story.shows("▸ AOS04")
    story.press(.character(">"), .character("p"), .character("p"))
    story.send(.lost(reason: "reset", retryAt: story.now + 500))
    story.send(.live(endpoint: "http://lb1:2712"))
    story.send(.snapshot(Fixture.snapshot))
    story.shows("*AOS02")
    story.shows("▸ AOS04")
    story.press(.character("U"))
    story.hides("*AOS02")
  }
}

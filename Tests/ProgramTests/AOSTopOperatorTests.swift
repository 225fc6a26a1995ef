import ClusterClient
import ClusterModel
import Foundation
import TestSupport
import Testing

/// Operators at their dashboards, each in a terminal, on a real balancer and real instances.
@Suite("aostop for operators of one cluster", .timeLimit(.minutes(4)))
struct AOSTopOperatorTests {
  /// The dashboard of an operator on another machine, with AOS01 under the cursor.
  private func operate(_ cluster: RemoteCluster, _ name: String) async throws -> TerminalSession {
    let token = try await cluster.token("operator", name)
    let session = try await TerminalSession()
    try await session.start(
      "\(cluster.url) --token-file \(token) --ca-file \(cluster.certificate)")
    try await session.waitUntil("both instances") {
      $0.contains("clients: 2 of 2") && $0.contains("[RW]")
    }
    try await session.type("/AOS01")
    try await session.press("Enter")
    try await session.waitFor("shown 1 of 3")
    return session
  }

  /// Moves through a dialog, each key when the one before it has been obeyed.
  private func move(_ session: TerminalSession, to focus: String, by key: String) async throws {
    func marked(_ screen: String) -> [Substring] {
      screen.split(separator: "\n").filter { $0.contains("│") && $0.contains("▸") }
    }
    var screen = try await session.screen()
    while !screen.contains(focus) {
      let before = marked(screen)
      try await session.press(key)
      screen = try await session.waitUntil("another focus") { marked($0) != before }
    }
  }

  @Test("two with open dialogs: what one changes is named at the other, who must look again")
  func twoDialogs() async throws {
    try await RemoteCluster.run { cluster in
      let joining = try await cluster.token("instance", "hosts")
      for name in ["AOS01", "AOS02"] {
        try await cluster.startInstance(name, tokenFile: joining)
      }
      let ana = try await operate(cluster, "ana")
      let ben = try await operate(cluster, "ben")
      for session in [ana, ben] {
        try await session.press("D")
        try await session.waitFor("1 of 2 servers stays in the list")
      }
      // Behind the two buttons are the reason and the message.
      for (field, text) in [("▸Reason", "KB5"), ("▸Message", "Save now")] {
        try await move(ana, to: field, by: "Tab")
        try await ana.type(text)
      }
      try await move(ana, to: "▸Cancel◂", by: "BTab")
      try await ana.confirm()
      // The dialog of ben names who did what, and has the terms in its fields.
      let screen = try await ben.waitUntil("the change by ana") {
        $0.contains("ana (token) drained AOS01") && $0.contains("(KB5)")
      }
      #expect(screen.contains("[Save now"))
      try await ben.press("y")
      try await ben.waitFor("another operator changed this")
      let before = try await cluster.remote("\(cluster.folder)/ben.token", "actions")
      #expect(before.lines.contains { $0.contains("ana") && $0.contains("drain") })
      #expect(!before.lines.contains { $0.contains("ben") && $0.contains("drain") })
      // After another look ben drains it, with the terms that were seen.
      try await ben.confirm()
      try await eventually("the drain by ben") {
        try await cluster.remote("\(cluster.folder)/ben.token", "actions")
      } is: { run in
        run.lines.contains { $0.contains("ben") && $0.contains("drain") }
      }
      let status = try await cluster.remote("\(cluster.folder)/ben.token", "status", "--json")
      #expect(status.output.contains("Save now"))
      for session in [ana, ben] {
        try await session.press("q")
        try await session.expectOrder(status: 0)
      }
    }
  }

  @Test("N restarts four real instances one by one, and waits for one that does not come back")
  func rollingRestart() async throws {
    try await ProcessCluster.run { cluster in
      let names = ["AOS01", "AOS02", "AOS03", "AOS04"]
      var ports: [String: Int] = [:]
      for name in names { ports[name] = try await cluster.startInstance(name) }
      try await cluster.until("all serve") { $0.handshakeList.count == 4 }
      let session = try await TerminalSession()
      try await session.start(cluster.balancer)
      try await session.waitFor("clients: 4 of 4")
      try await session.press("*")
      try await session.waitFor("4 servers tagged")
      try await session.press("N")
      for name in names {
        // Nothing is drained before a question about this instance.
        try await session.waitUntil("the question about \(name)") {
          $0.contains("─ Rolling restart: \(name) ─")
            && $0.contains("3 of 4 servers stay in the list")
        }
        let status = try await cluster.operators.status()
        #expect(status[try InstanceID(name)]?.admission == .accepting)
        try await session.confirm()
        try await session.waitFor("\(name) is drained: restart it now")
        cluster.kill(name, name == "AOS03" ? SIGKILL : SIGTERM)
        try await cluster.end(of: name)
        if name == "AOS03" { try await notBack(session, cluster) }
        try await cluster.startInstance(name, port: ports[name] ?? 0)
      }
      try await session.waitFor("Rolling restart done: 4 instances.")
      try await session.press("q")
      try await session.expectOrder(status: 0)
      let status = try await cluster.operators.status()
      #expect(status.actions.count { $0.action == .known(.drain) } == 4)
    }
  }

  /// AOS03 is dead: the screen says for what it waits, and offers no other instance.
  private func notBack(_ session: TerminalSession, _ cluster: ProcessCluster) async throws {
    try await session.waitUntil("that it pauses, and why") {
      $0.contains("ROLLING RESTART, 2 of 4 restarted: AOS03 is unreachable")
        && $0.contains("waiting for its return")
    }
    try await session.press("N")
    try await session.waitFor("End the rolling restart?")
    try await session.press("Escape")
    try await session.waitUntil("the restart goes on") {
      !$0.contains("End the rolling restart?") && $0.contains("ROLLING RESTART, 2 of 4")
    }
    let status = try await cluster.operators.status()
    #expect(status[try InstanceID("AOS04")]?.admission == .accepting)
  }
}

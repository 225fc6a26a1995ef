import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import Testing

/// Whatever id the model allows, the programs can work with it.
@Suite("An id with every sign that it may have", .timeLimit(.minutes(3)))
struct InstanceIDTests {
  static let ids = [
    "01@BOX", "a.b_c-d@e", "A--@@..__", "Z" + String(repeating: "@", count: 63),
  ]

  @Test("goes through every command of aosctl", arguments: ids)
  func commands(name: String) async throws {
    try await ProcessCluster.run { cluster in
      let id = try InstanceID(name)
      let port = try await cluster.startInstance(name)
      try await cluster.startInstance("OTHER")
      try await cluster.until("both serve") { $0.handshakeList.count == 2 }
      let curl = try cluster.client(at: port)
      try await cluster.until("it has a session") { $0[id]?.load.connected == 1 }
      let session = try #require(try await cluster.operators.sessions(of: id).first?.session)
      let balancer = ["--balancer", cluster.balancer]
      for words in [
        ["status"], ["handshake"], ["actions"], ["sessions", name], ["drain", name],
        ["enable", name], ["limit", name, "4"], ["limit", name, "none"],
        ["drain", name, "OTHER", "--dry-run"], ["limit", name, "OTHER", "3"],
        ["end", name, session], ["drain", name, "--wait"], ["remove", name, "--dry-run"],
        ["remove", name], ["add", name, "127.0.0.1:\(port)"],
      ] {
        let run = try await AOSControlProcess(words + balancer).finish()
        #expect(run.status == 0, "\(words): \(run.errors)")
      }
      let list = try await AOSControlProcess(["sessions", name] + balancer).finish()
      #expect(list.errors == "" || list.errors.contains("reach"), "\(list.errors)")
      curl.kill(SIGKILL)
    }
  }

  @Test("is drained and enabled from aostop")
  func dashboard() async throws {
    try await ProcessCluster.run { cluster in
      let id = try InstanceID("01@BOX")
      try await cluster.startInstance("01@BOX")
      try await cluster.startInstance("OTHER")
      try await cluster.until("both serve") { $0.handshakeList.count == 2 }
      let session = try await TerminalSession()
      try await session.start(cluster.balancer)
      try await session.waitUntil("the instance") { $0.contains("▸ 01@BOX") }
      for (key, effect, admission, state) in [
        ("D", "stays in the list", Admission.rejecting, "drained"),
        ("E", "The list grows", .accepting, "accepting"),
      ] {
        try await session.press(key)
        try await session.waitUntil("what it would do") { $0.contains(effect) }
        try await session.confirm()
        try await cluster.until("it is \(admission)") { $0[id]?.admission == admission }
        try await session.waitUntil("the question is closed, and its row tells") { screen in
          !screen.contains("Cancel")
            && screen.split(separator: "\n").contains {
              $0.contains("▸ 01@BOX") && $0.contains(state)
            }
        }
      }
      try await session.press("Enter")
      try await session.waitUntil("its details") { $0.contains("Sessions") }
      try await session.press("Escape")
      try await session.press("q")
    }
  }
}

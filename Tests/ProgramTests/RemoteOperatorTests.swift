import ClusterAPI
import ClusterModel
import Foundation
import TestSupport
import Testing

/// Operators on other machines: the programs over TLS, with tokens.
@Suite("Remote operators", .timeLimit(.minutes(3)))
struct RemoteOperatorTests {
  @Test("from nothing to a picture in the commands that README names")
  func readme() async throws {
    try await RemoteCluster.run { cluster in
      let ana = try await cluster.token("operator", "ana")
      let mode = try FileManager.default.attributesOfItem(atPath: ana)[.posixPermissions]
      #expect(mode as? Int == 0o600)
      let top = try await Program.run(
        Program.path("aostop"),
        [cluster.url, "--token-file", ana, "--ca-file", cluster.certificate, "--once"],
        environment: [:])
      #expect(top.status == 0, "\(top.error)")
      #expect(top.output.contains("LB1"))
      let seats = try await cluster.remote(ana, "license", "seats", "5")
      #expect(seats.status == 0, "\(seats.errors)")
      let log = try await cluster.remote(ana, "actions")
      #expect(log.output.contains("ana"))
      let variables = try await aosctl(
        "status", "--balancer", cluster.url,
        environment: ["AOS_TOKEN_FILE": ana, "AOS_CA_FILE": cluster.certificate])
      #expect(variables.status == 0, "\(variables.errors)")
    }
  }

  @Test("a viewer looks and changes nothing, and is told why in the server's words")
  func viewer() async throws {
    try await RemoteCluster.run { cluster in
      let eva = try await cluster.token("viewer", "eva")
      #expect(try await cluster.remote(eva, "status").status == 0)
      let seats = try await cluster.remote(eva, "license", "seats", "5")
      #expect(seats.status == 3)
      #expect(seats.errors.contains("The token may read and change nothing"))
      let session = try await TerminalSession()
      try await session.start(
        "\(cluster.url) --token-file \(eva) --ca-file \(cluster.certificate)")
      try await session.waitUntil("read-only by itself") {
        $0.contains("[RO]") && $0.contains("may read and change nothing")
      }
      try await session.press("q")
      try await session.expectOrder(status: 0)
    }
  }

  @Test("a revoked token is refused, in the server's words, on the screen too")
  func revoked() async throws {
    try await RemoteCluster.run { cluster in
      let ana = try await cluster.token("operator", "ana")
      let list = try await aosctl("token", "list", "--balancer", "unix://\(cluster.socket)")
      let id = try #require(
        list.lines.first { $0.contains(" ana ") }?.split(separator: " ").first.map(String.init))
      let session = try await TerminalSession()
      try await session.start(
        "\(cluster.url) --token-file \(ana) --ca-file \(cluster.certificate)")
      try await session.waitFor("[RW]")
      let revoked = try await aosctl(
        "token", "revoke", id, "--balancer", "unix://\(cluster.socket)")
      #expect(revoked.output == "operator token \(id) of ana is revoked\n")
      try await session.waitFor("The token was revoked")
      try await session.press("q")
      try await session.expectOrder(status: 0)
      let status = try await cluster.remote(ana, "status")
      #expect(status.status == 3)
      #expect(status.errors.contains("The token was revoked"))
    }
  }

  @Test("tokens are made on the balancer's machine alone")
  func localOnly() async throws {
    try await RemoteCluster.run { cluster in
      let ana = try await cluster.token("operator", "ana")
      for arguments in [["create", "--role", "viewer"], ["list"], ["revoke", "0123456789"]] {
        let run = try await AOSControlProcess(
          ["token"] + arguments + [
            "--balancer", cluster.url, "--token-file", ana, "--ca-file", cluster.certificate,
          ]
        ).finish()
        #expect(run.status == 3)
        #expect(run.errors.contains("Unix socket only"), "\(run.errors)")
        #expect(run.output.isEmpty)
      }
    }
  }

  @Test("a token is not shown where it could be read, and not taken from where it could")
  func careless() async throws {
    try await RemoteCluster.run { cluster in
      let ana = try await cluster.token("operator", "ana")
      let plain = try await aosctl(
        "status", "--balancer", "http://192.0.2.1:2712", "--token-file", ana)
      #expect(plain.status == 1)
      #expect(plain.errors.contains("plain text"))
      let again = try await aosctl(
        "token", "create", "--role", "viewer", "--output", ana, "--balancer",
        "unix://\(cluster.socket)")
      #expect(again.status == 1, "an existing file is not written over")
      try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: ana)
      let open = try await cluster.remote(ana, "status")
      #expect(open.status == 1)
      #expect(open.errors.contains("chmod 600"))
      let top = try await Program.run(
        Program.path("aostop"), [cluster.url, "--token-file", ana, "--once"], environment: [:])
      #expect(top.status == 1)
      #expect(top.error.contains("chmod 600"))
      let untrusted = try await aosctl("status", "--balancer", cluster.url)
      #expect(untrusted.status == 2)
      #expect(untrusted.errors.contains("--ca-file"), "\(untrusted.errors)")
    }
  }

  @Test("nothing secret is in a log, an action, an answer or a command line")
  func secrets() async throws {
    try await RemoteCluster.run { cluster in
      let ana = try await cluster.token("operator", "ana")
      let joining = try await cluster.token("instance", "hosts")
      try await cluster.startInstance("AOS01", tokenFile: joining)
      var said: [String] = []
      // Until the instance has joined, and then one of everything.
      try await eventually("the instance has joined") {
        try await cluster.remote(ana, "status")
      } is: {
        $0.output.contains("AOS01")
      }
      let shown = [
        ["status", "--json"], ["drain", "AOS01", "--acknowledge", "lastServer"],
        ["enable", "AOS01"], ["license", "seats", "4"], ["sessions", "AOS01"],
        ["remove", "AOS77"], ["actions", "--json"], ["handshake", "--json"],
      ]
      for arguments in shown {
        let run = try await AOSControlProcess(
          arguments + [
            "--balancer", cluster.url, "--token-file", ana, "--ca-file", cluster.certificate,
          ]
        ).finish()
        said += [run.output, run.errors]
      }
      let secret = try String(contentsOfFile: ana, encoding: .utf8)
      let wrong = "\(cluster.folder)/wrong.token"
      try Data((String(secret.prefix(15)) + String(repeating: "W", count: 43)).utf8)
        .write(to: URL(filePath: wrong))
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: wrong)
      let refused = try await cluster.remote(wrong, "status")
      #expect(refused.status == 3)
      said += [refused.output, refused.errors]
      said += [try cluster.commandLine("LB1"), try cluster.commandLine("AOS01")]
      try await cluster.end()
      let logs = try ["LB1", "AOS01"].map {
        try String(contentsOfFile: cluster.log($0), encoding: .utf8)
      }
      #expect(logs[0].contains("A token was refused"), "the log is there: \(logs[0])")
      #expect(logs[1].contains("Obeying"), "the log is there: \(logs[1])")
      let keys = try String(contentsOfFile: cluster.key, encoding: .utf8)
      let secrets =
        try [ana, joining, wrong].map { file in
          String(try String(contentsOfFile: file, encoding: .utf8).dropFirst(15).prefix(30))
        } + [String(keys.split(separator: "\n")[1].suffix(30)), "eyJ"]
      for text in said + logs {
        for secret in secrets { #expect(!text.contains(secret), "\(secret) in: \(text)") }
      }
    }
  }
}

import ClusterModel
import Foundation
import Testing

/// `aosctl connect --forward`, and real daemons.
@Suite("aosctl connect --forward", .timeLimit(.minutes(3)))
struct ConnectForwardTests {
  /// Sends something through a connection to an echo, and gives what comes back.
  private static func exchange(_ socket: BlockingSocket, _ words: String) async -> String {
    await onThread {
      socket.send(words)
      return String(decoding: socket.receive(exactly: words.utf8.count), as: UTF8.self)
    }
  }

  @Test(
    "leads connections to the application, over plain TCP and over TLS",
    arguments: [false, true])
  func leads(tls: Bool) async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await GuideMachine.run(to: "\(application.address)", tls: tls) { machine in
      let address = try await machine.forward()
      let sockets = try (0..<8).map { _ in try BlockingSocket(to: address) }
      for (number, socket) in sockets.enumerated() {
        #expect(await Self.exchange(socket, "hello \(number)") == "hello \(number)")
      }
      let sessions = try await machine.expect("aosctl sessions AOS01 --json")
      #expect(sessions.contains("\"connections\":8"), "\(sessions)")
      try await machine.expect("kill $(cat forward.pid)")
      try await machine.until("cat forward.status", holds: "0")
      #expect(try machine.text("forward.out").hasSuffix("\nclosed\n"))
      withExtendedLifetime(sockets) {}
    }
  }

  @Test("closes its connections and exits with 2 when the session ends")
  func ends() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await GuideMachine.run(to: "\(application.address)") { machine in
      let socket = try BlockingSocket(to: try await machine.forward())
      #expect(await Self.exchange(socket, "hello") == "hello")
      try await machine.expect(
        "aosctl end AOS01 $(aosctl sessions AOS01 --json | jq -r '.sessions[0].session')")
      #expect(await onThread { socket.receiveAll() } == [])
      try await machine.until("cat forward.status", holds: "2")
      let errors = try machine.text("forward.err")
      #expect(errors.hasSuffix("aosctl: the session was ended: Ended by an operator.\n"))
    }
  }

  @Test("--hold ends it after the time, with 0")
  func hold() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await GuideMachine.run(to: "\(application.address)") { machine in
      let run = try await machine.run("\(try machine.connect) --forward 0 --hold 0")
      #expect(run.status == 0, "\(run.error)")
      #expect(run.output.hasSuffix("\nclosed\n"))
    }
  }

  @Test("a Unix socket is this user's alone and goes at the end; a taken port is told at once")
  func places() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await GuideMachine.run(to: "\(application.address)") { machine in
      try await machine.expect(
        "\(try machine.connect) --forward unix:app.sock >unix.out 2>&1 & echo $! >unix.pid")
      try await machine.until("cat unix.out", holds: "forwarding from unix:app.sock")
      #expect(try await machine.expect("stat -c '%F %a' app.sock") == "socket 600\n")
      let again = try await machine.run("\(try machine.connect) --forward unix:app.sock")
      #expect(again.status == 1)
      let words = "cannot listen on unix:app.sock: another program answers at this socket already"
      #expect(again.error == "aosctl: \(words)\n")
      try await machine.expect("kill $(cat unix.pid)")
      try await machine.until("ls app.sock || echo gone", holds: "gone")
      let taken = try await machine.run("\(try machine.connect) --forward \(application.address)")
      #expect(taken.status == 1)
      #expect(
        taken.error == "aosctl: cannot listen on \(application.address): Address already in use\n")
    }
  }

  @Test("a drain's notices go to standard error, with their time")
  func notices() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await GuideMachine.run(to: "\(application.address)") { machine in
      let socket = try BlockingSocket(to: try await machine.forward())
      #expect(await Self.exchange(socket, "hello") == "hello")
      try await machine.expect(
        """
        aosctl drain AOS01 --message 'save now' --deadline 1h \
          --acknowledge lastServer --acknowledge overCapacity
        """)
      try await machine.until("cat forward.err", holds: "save now")
      let line = try machine.text("forward.err")
      #expect(
        line.contains(/^2\d{3}-\d\d-\d\dT[\d:.]+Z notice: save now \(the session ends at 2/))
      #expect(!(try machine.text("forward.out")).contains("save now"))
      // A drain touches no connection, and the session may open more.
      #expect(await Self.exchange(socket, "still") == "still")
    }
  }

  @Test("--rejoin opens another session and keeps the port")
  func rejoins() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await GuideMachine.run(
      ["AOS01": 5, "AOS02": 5], to: "\(application.address)"
    ) { machine in
      let address = try await machine.forward("--rejoin")
      let socket = try BlockingSocket(to: address)
      #expect(await Self.exchange(socket, "hello") == "hello")
      try await machine.expect(
        """
        server=$(sed -n 's/.* is open at //p' forward.out)
        aosctl end $server $(aosctl sessions $server --json | jq -r '.sessions[0].session')
        """)
      #expect(await onThread { socket.receiveAll() } == [])
      let next = try BlockingSocket(to: address)
      #expect(await Self.exchange(next, "again") == "again")
      let output = try machine.text("forward.out")
      #expect(output.split(separator: " is open at ").count == 3, "\(output)")
      #expect(output.contains("\nthe session was ended: Ended by an operator.\n"))
    }
  }

  @Test("--rejoin leaves a server whose drain has a deadline, and breaks no connection")
  func moves() async throws {
    let application = try TestApplication.echo()
    defer { application.stop() }
    try await GuideMachine.run(
      ["AOS01": 5, "AOS02": 5], to: "\(application.address)"
    ) { machine in
      let address = try await machine.forward("--rejoin")
      let first = try BlockingSocket(to: address)
      #expect(await Self.exchange(first, "hello") == "hello")
      try await machine.expect(
        """
        sed -n 's/.* is open at //p' forward.out >first
        aosctl drain $(cat first) --deadline 1h
        """)
      try await machine.until("grep -c 'is open at' forward.out", holds: "2")
      #expect(await Self.exchange(first, "still") == "still")
      let second = try BlockingSocket(to: address)
      #expect(await Self.exchange(second, "hello") == "hello")
      try await machine.until("aosctl sessions $(cat first) --json", holds: "connections.:1")
      await onThread {
        first.finish()
        _ = first.receiveAll()
      }
      try await machine.until(
        "aosctl sessions $(cat first) --json | jq -c .sessions", holds: "\\[\\]")
      #expect(await Self.exchange(second, "still") == "still")
    }
  }

  @Test(
    "options that do not go together are refused",
    arguments: [
      "--rejoin", "--stdio --forward 0", "--stdio --hold 1", "--forward 65536", "--forward -1",
      "--forward x", "--forward unix:", "--forward :5432", "--forward 127.0.0.1:65536",
    ])
  func options(words: String) async throws {
    let words = ["connect", "--servers", "LB1@h:1"] + words.split(separator: " ").map(String.init)
    let run = try await AOSControlProcess(words).finish()
    #expect(run.status == 1)
    #expect(run.errors.hasPrefix("aosctl: "), "\(run.errors)")
  }
}

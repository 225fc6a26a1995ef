import Foundation
import Testing

/// `aosctl connect --stdio`, and real daemons.
@Suite("aosctl connect --stdio", .timeLimit(.minutes(3)))
struct ConnectStandardTests {
  private static func run(
    tls: Bool = false, to serve: @escaping @Sendable (BlockingSocket) -> Void,
    _ test: (GuideMachine) async throws -> Void
  ) async throws {
    let application = try TestApplication(serve)
    defer { application.stop() }
    try await GuideMachine.run(to: "\(application.address)", tls: tls, test)
  }

  private static let echo: @Sendable (BlockingSocket) -> Void = { socket in
    while case let bytes = socket.receive(), !bytes.isEmpty { socket.send(bytes) }
  }

  @Test(
    "the end of standard input is a half-close: the rest of the answer still arrives",
    arguments: [false, true])
  func inputEnds(tls: Bool) async throws {
    try await Self.run(tls: tls, to: { $0.send("\($0.receiveAll().count) bytes") }) { machine in
      let run = try await machine.run("printf hello | \(try machine.connect) --stdio")
      #expect(run.status == 0, "\(run.error)")
      // Nothing but the application's bytes.
      #expect(run.output == "5 bytes")
      #expect(run.error.contains("session "))
      #expect(run.error.hasSuffix("\nclosed\n"))
    }
  }

  @Test("an application that closes first ends it, although standard input goes on")
  func applicationEnds() async throws {
    try await Self.run(to: { $0.send("goodbye") }) { machine in
      let run = try await machine.run(
        "mkfifo input; exec 3<>input; \(try machine.connect) --stdio <input")
      #expect(run.status == 0, "\(run.error)")
      #expect(run.output == "goodbye")
    }
  }

  @Test("files, pipes and terminals serve, and every byte arrives")
  func kinds() async throws {
    try await Self.run(to: Self.echo) { machine in
      let connect = try machine.connect
      try await machine.expect(
        """
        head -c 8000000 /dev/urandom >input
        \(connect) --stdio <input >output; cmp input output
        \(connect) --stdio </dev/null >output; cmp /dev/null output
        cat input | \(connect) --stdio | cat >output; cmp input output
        """)
      // Ctrl-D ends the input of a terminal.
      let script = """
        import os, pty, sys
        process, terminal = pty.fork()
        if process == 0: os.execvp("sh", ["sh", "-c", "exec \(connect) --stdio 2>errors"])
        os.write(terminal, b"hello\\n")
        seen = b""
        while seen.count(b"hello") < 2: seen += os.read(terminal, 1000)
        os.write(terminal, b"\\x04")
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
        """
      try await machine.expect("cat >terminal.py <<'END'\n\(script)\nEND\npython3 terminal.py")
    }
  }

  @Test("descriptors that others share stay blocking, and one that is not blocking serves as well")
  func blocking() async throws {
    try await Self.run(to: Self.echo) { machine in
      let script = """
        import os, subprocess, sys
        words = "exec \(try machine.connect) --stdio".split()[1:]
        (from_test, to_program), (from_program, to_test) = os.pipe(), os.pipe()
        for blocks in (True, False):
            os.set_blocking(from_test, blocks); os.set_blocking(to_test, blocks)
            program = subprocess.Popen(words, stdin=from_test, stdout=to_test)
            os.write(to_program, b"hello")
            assert os.read(from_program, 5) == b"hello"
            program.send_signal(15)
            assert program.wait() == 0
            assert os.get_blocking(from_test) == os.get_blocking(to_test) == blocks
        """
      try await machine.expect("cat >blocking.py <<'END'\n\(script)\nEND\npython3 blocking.py")
    }
  }

  @Test("a slow reader makes the application wait, and loses nothing")
  func slowReader() async throws {
    let all = pattern(8 << 20)
    try await Self.run(to: { $0.send(all) }) { machine in
      // The reader begins when the application cannot send more.
      try await machine.expect(
        """
        mkfifo output
        \(try machine.connect) --stdio </dev/null >output 2>errors & program=$!
        exec 3<output
        until aosctl sessions AOS01 --json | grep -q 'bytesFromApplication.:[1-9]'; do
          sleep 0.02
        done
        cat <&3 >received
        wait $program
        """)
      let received = try Data(contentsOf: URL(filePath: machine.folder + "/received"))
      #expect(Array(received) == all, "\(received.count)")
    }
  }

  @Test("the end of the session from outside is 2, even where the application's bytes end as usual")
  func sessionEnds() async throws {
    try await Self.run(to: Self.echo) { machine in
      let run = try await machine.run(
        """
        mkfifo input; exec 3<>input
        (until aosctl sessions AOS01 --json | grep -q 'connections.:1'; do sleep 0.02; done
        aosctl end AOS01 $(aosctl sessions AOS01 --json | jq -r '.sessions[0].session')) >&2 &
        \(try machine.connect) --stdio <input
        """)
      #expect(run.status == 2, "\(run.error)")
      #expect(run.output == "")
      #expect(run.error.contains("aosctl: the session "), "\(run.error)")
    }
  }

  @Test("an application that cannot be reached is 3 with the reason, and no server at all is 2")
  func refused() async throws {
    let application = try TestApplication.echo()
    application.stop()
    // With its checks the instance would be in no list.
    try await GuideMachine.run(to: "\(application.address)", isChecked: false) { machine in
      let run = try await machine.run("\(try machine.connect) --stdio </dev/null")
      #expect(run.status == 3)
      #expect(run.output == "")
      #expect(run.error.contains("\naosctl: AOS01: "), "\(run.error)")
      try await machine.expect("systemctl stop aosd-instance@AOS01")
      let nobody = try await machine.run("\(try machine.connect) --stdio </dev/null")
      #expect([2, 3].contains(nobody.status))
      #expect(nobody.output == "")
    }
  }

  @Test("output that cannot be written is 1, and a reader that leaves ends it")
  func output() async throws {
    try await Self.run(to: { $0.send(pattern(1 << 20)) }) { machine in
      let connect = try machine.connect
      let full = try await machine.run("\(connect) --stdio </dev/null >/dev/full")
      #expect(full.status == 1)
      #expect(full.error.hasSuffix("No space left on device\n"), "\(full.error)")
      let left = try await machine.run(
        "mkfifo input; exec 3<>input; (\(connect) --stdio <input || echo $? >&2) | head -c 10 >ten")
      #expect(left.status == 0)
      #expect(left.error.hasSuffix("141\n"), "\(left.error)")
    }
  }
}

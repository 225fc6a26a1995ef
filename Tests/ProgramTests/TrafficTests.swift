import ClusterModel
import Foundation
import Testing

/// Programs of others that reach a real application through the cluster.
@Suite("Programs of others, through a session", .timeLimit(.minutes(4)))
struct TrafficTests {
  /// A web server: `python3 -m http.server` in a folder with one file.
  private static func withWebServer(
    tls: Bool = false, _ test: (GuideMachine) async throws -> Void
  ) async throws {
    let folder = "/tmp/aosw-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data("it works\n".utf8).write(to: URL(filePath: "\(folder)/file"))
    let script = """
      import functools, http.server, sys
      handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[1])
      server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
      print("ready http://127.0.0.1:%d" % server.server_port, flush=True)
      server.serve_forever()
      """
    let web = try Daemon("/usr/bin/env", ["python3", "-c", script, folder])
    let port = try await web.readyPort()
    try await GuideMachine.run(to: "127.0.0.1:\(port)", tls: tls, test)
    withExtendedLifetime(web) {}
  }

  private static let get = #"printf 'GET /file HTTP/1.0\r\n\r\n'"#

  @Test("curl -x -p reaches it without any library, and over TLS with https")
  func curl() async throws {
    for tls in [false, true] {
      try await Self.withWebServer(tls: tls) { machine in
        try await machine.require("curl", package: "curl")
        let proxy =
          tls
          ? "https://ana:@\(try machine.address(of: "AOS01")) --proxy-cacert own.crt"
          : "http://ana:@\(try machine.address(of: "AOS01"))"
        let answer = try await machine.expect("curl -sS -p -x \(proxy) http://app/file")
        #expect(answer == "it works\n")
      }
    }
  }

  @Test("nc -X connect reaches it, and nc through a forwarded port over TLS")
  func netcat() async throws {
    try await Self.withWebServer { machine in
      try await machine.require("nc", package: "netcat-openbsd")
      // It asks for the password, which is empty, on a terminal.
      let proxy = try machine.address(of: "AOS01")
      let script = """
        import os, pty, sys
        words = "nc -N -X connect -x \(proxy) -P ana app 80 <request >answer"
        process, terminal = pty.fork()
        if process == 0: os.execvp("sh", ["sh", "-c", words])
        seen = b""
        while b"password" not in seen: seen += os.read(terminal, 1000)
        os.write(terminal, b"\\n")
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(process, 0)[1]))
        """
      try await machine.expect(
        "\(Self.get) >request\ncat >nc.py <<'END'\n\(script)\nEND\npython3 nc.py")
      #expect(try machine.text("answer").hasSuffix("it works\n"))
    }
    try await Self.withWebServer(tls: true) { machine in
      let place = try await machine.forward()
      let answer = try await machine.expect("\(Self.get) | nc -N \(place.host) \(place.port)")
      #expect(answer.hasSuffix("it works\n"))
    }
  }

  @Test("socat reaches it with PROXY, and through a forwarded port over TLS")
  func socat() async throws {
    try await Self.withWebServer { machine in
      try await machine.require("socat", package: "socat")
      let place = try Address(try machine.address(of: "AOS01"))
      let answer = try await machine.expect(
        """
        \(Self.get) | socat -t 30 - \
          PROXY:\(place.host):app:80,proxyport=\(place.port),proxyauth=ana:
        """)
      #expect(answer.hasSuffix("it works\n"))
    }
    try await Self.withWebServer(tls: true) { machine in
      let address = try await machine.forward()
      let answer = try await machine.expect("\(Self.get) | socat -t 30 - TCP:\(address)")
      #expect(answer.hasSuffix("it works\n"))
    }
  }

  @Test("ssh works through --stdio, with its whole input and output", arguments: [false, true])
  func ssh(tls: Bool) async throws {
    let folder = "/tmp/aoss-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    // The server begins later than the instance, which its checks would keep out of the list.
    let application = "unix:\(folder)/sshd.sock"
    try await GuideMachine.run(to: application, tls: tls, isChecked: false) { machine in
      try await machine.require("sshd", package: "openssh-server")
      try await machine.require("ssh", package: "openssh-client")
      try await machine.require("socat", package: "socat")
      try await machine.expect(
        """
        ssh-keygen -q -t ed25519 -N '' -f host; ssh-keygen -q -t ed25519 -N '' -f user
        cat >sshd.cfg <<END
        HostKey $PWD/host
        AuthorizedKeysFile $PWD/user.pub
        StrictModes no
        UsePAM no
        PermitRootLogin yes
        PidFile none
        END
        [ "$(id -u)" != 0 ] || mkdir -p /run/sshd
        socat UNIX-LISTEN:\(folder)/sshd.sock,fork \
          EXEC:"$(PATH=$PATH:/usr/sbin command -v sshd) -i -f $PWD/sshd.cfg" >socat.log 2>&1 &
        until [ -S \(folder)/sshd.sock ]; do sleep 0.02; done
        """)
      try await machine.expect(
        """
        cat >ssh.cfg <<'END'
        Host app
          ProxyCommand \(try machine.connect) --stdio
          StrictHostKeyChecking no
          UserKnownHostsFile known
          IdentityFile user
          IdentitiesOnly yes
          LogLevel ERROR
        END
        head -c 3000000 /dev/urandom >input
        ssh -F ssh.cfg $(id -un)@app cat <input >output 2>ssh.log; cmp input output
        ssh -F ssh.cfg $(id -un)@app 'echo hello; exit 7' >output 2>>ssh.log || echo $? >>output
        [ "$(cat output)" = "$(printf 'hello\\n7')" ]
        """)
    }
  }

  private static let grpcFolder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../.build-grpc").standardized.path
  /// The set-up of the tests takes it from PyPI, which not every machine reaches.
  private static let hasGRPC =
    (try? FileManager.default.contentsOfDirectory(atPath: grpcFolder))?
    .contains { $0.hasPrefix("grpcio==") } == true

  @Test(
    "Python's grpcio works, unary and streaming, with http_proxy",
    .enabled(if: hasGRPC, "`make grpcio` installs it"))
  func proxiedGRPC() async throws {
    try await Self.withGRPC(tls: false) { machine, python in
      let proxy = "http://ana:@\(try machine.address(of: "AOS01"))"
      try await machine.expect(
        "http_proxy=\(proxy) \(python) grpc_client.py app.example:50051")
    }
  }

  @Test(
    "Python's grpcio works, unary and streaming, with --forward",
    .enabled(if: hasGRPC, "`make grpcio` installs it"), arguments: [false, true])
  func forwardedGRPC(tls: Bool) async throws {
    try await Self.withGRPC(tls: tls) { machine, python in
      try await machine.expect("\(python) grpc_client.py \(try await machine.forward())")
    }
  }

  private static func withGRPC(
    tls: Bool, _ test: (GuideMachine, String) async throws -> Void
  ) async throws {
    let python = grpcFolder + "/bin/python"
    let server = try Daemon(python, ["-c", grpcServer])
    let port = try await server.readyPort()
    try await GuideMachine.run(to: "127.0.0.1:\(port)", tls: tls) { machine in
      try Data(grpcClient.utf8).write(to: URL(filePath: machine.folder + "/grpc_client.py"))
      try await test(machine, python)
    }
    withExtendedLifetime(server) {}
  }

  /// Methods over plain bytes, so that no compiler of protocol buffers is needed.
  private static let grpcServer = """
    import grpc
    from concurrent import futures
    def double(request, context): return request + request
    def count(request, context):
        for number in range(int(request)): yield b"%d" % number
    def echo(requests, context):
        for request in requests: yield request
    service = grpc.method_handlers_generic_handler("app.Test", {
        "Double": grpc.unary_unary_rpc_method_handler(double),
        "Count": grpc.unary_stream_rpc_method_handler(count),
        "Echo": grpc.stream_stream_rpc_method_handler(echo)})
    server = grpc.server(futures.ThreadPoolExecutor(4))
    server.add_generic_rpc_handlers((service,))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print("ready http://127.0.0.1:%d" % port, flush=True)
    server.wait_for_termination()
    """

  private static let grpcClient = """
    import grpc, sys
    channel = grpc.insecure_channel(sys.argv[1])
    ready = dict(wait_for_ready=True)
    assert channel.unary_unary("/app.Test/Double")(b"ab", **ready) == b"abab"
    large = b"x" * 3_000_000
    assert len(channel.unary_unary("/app.Test/Double")(large[:1_500_000], **ready)) == 3_000_000
    numbers = list(channel.unary_stream("/app.Test/Count")(b"1000", **ready))
    assert numbers == [b"%d" % number for number in range(1000)]
    words = [b"%d" % number for number in range(1000)]
    assert list(channel.stream_stream("/app.Test/Echo")(iter(words), **ready)) == words
    channel.close()
    """
}

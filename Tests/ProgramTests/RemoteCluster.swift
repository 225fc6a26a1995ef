import ClusterClient
import ClusterModel
import Foundation
import Testing

/// A cluster of processes that others reach over TLS, set up with the commands of README, each
/// daemon with a log of everything it has to say.
final class RemoteCluster {
  let folder = "/tmp/aosr-\(UUID().uuidString.prefix(13))"
  private var daemons: [String: Daemon] = [:]
  private(set) var port = 0

  var socket: String { "\(folder)/lb.sock" }
  var certificate: String { "\(folder)/lb.crt" }
  var key: String { "\(folder)/lb.key" }
  var url: String { "https://127.0.0.1:\(port)" }

  static func run(_ test: (RemoteCluster) async throws -> Void) async throws {
    let cluster = RemoteCluster()
    try FileManager.default.createDirectory(
      atPath: cluster.folder, withIntermediateDirectories: true)
    let result: Result<Void, any Error>
    do {
      try await cluster.start()
      try await test(cluster)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    cluster.daemons = [:]
    try? FileManager.default.removeItem(atPath: cluster.folder)
    try result.get()
  }

  /// Makes a certificate and its key, in place of the existing ones.
  func makeCertificate() async throws {
    let openssl = try await Program.run(
      "/usr/bin/env",
      [
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
        "-nodes", "-days", "2", "-subj", "/CN=LB1", "-addext", "subjectAltName=IP:127.0.0.1",
        "-keyout", key, "-out", certificate,
      ])
    #expect(openssl.status == 0, "\(openssl.error)")
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
  }

  /// Makes a certificate of the same key that expired in 2020, in place of the existing one.
  func makeExpiredCertificate() async throws {
    let settings = """
      [ca]
      default_ca = own
      [own]
      database = \(folder)/index
      new_certs_dir = \(folder)
      default_md = sha256
      policy = any
      rand_serial = yes
      [any]
      commonName = supplied

      """
    try Data(settings.utf8).write(to: URL(filePath: "\(folder)/ca.cnf"))
    try Data().write(to: URL(filePath: "\(folder)/index"))
    for arguments in [
      ["req", "-new", "-key", key, "-subj", "/CN=LB1", "-out", "\(folder)/again.csr"],
      [
        "ca", "-selfsign", "-batch", "-notext", "-config", "\(folder)/ca.cnf", "-in",
        "\(folder)/again.csr", "-keyfile", key, "-startdate", "20200101000000Z", "-enddate",
        "20200201000000Z", "-out", certificate,
      ],
    ] {
      let openssl = try await Program.run("/usr/bin/env", ["openssl"] + arguments)
      #expect(openssl.status == 0, "\(openssl.error)")
    }
  }

  /// Asks a daemon to read its certificates again.
  func hangUp(_ name: String) throws { try #require(daemons[name]).kill(SIGHUP) }

  private func start() async throws {
    try await makeCertificate()
    let balancer = try Daemon(
      Program.path("aosd"),
      [
        "balancer", "--listen", "127.0.0.1:0", "--socket", socket, "--database",
        "sqlite:\(folder)/cluster.db", "--tls-certificate", certificate, "--tls-key", key,
        "--ca-file", certificate, "--log-level", "debug",
      ], log: log("LB1"))
    daemons["LB1"] = balancer
    port = try await balancer.readyPort()
  }

  /// Starts an instance that joins over TLS with a token, and waits until it serves.
  func startInstance(_ name: String, tokenFile: String) async throws {
    let instance = try Daemon(
      Program.path("aosd"),
      [
        "instance", "--name", name, "--listen", "127.0.0.1:0", "--max-clients", "5", "--join",
        url, "--token-file", tokenFile, "--ca-file", certificate, "--tls-certificate",
        certificate, "--tls-key", key, "--state-directory", "\(folder)/\(name)", "--log-level",
        "debug",
      ], log: log(name))
    daemons[name] = instance
    _ = try await instance.readyPort()
  }

  func log(_ name: String) -> String { "\(folder)/\(name).log" }

  /// Its command line, as everybody on the machine sees it.
  func commandLine(_ name: String) throws -> String {
    let process = try #require(daemons[name]).processID
    let bytes = try #require(FileManager.default.contents(atPath: "/proc/\(process)/cmdline"))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Ends all daemons in order, so that their logs are whole.
  func end() async throws {
    for name in daemons.keys.sorted(by: >) {
      daemons[name]?.kill(SIGTERM)
      try await daemons[name]?.end()
    }
  }

  /// Makes a token on the balancer's machine.
  ///
  /// - Returns: The file that it is in.
  func token(_ role: String, _ name: String) async throws -> String {
    let file = "\(folder)/\(name).token"
    let run = try await aosctl(
      "token", "create", "--role", role, "--name", name, "--output", file, "--balancer",
      "unix://\(socket)")
    #expect(run.status == 0, "\(run.errors)")
    return file
  }

  /// As somebody on another machine.
  func remote(_ tokenFile: String, _ arguments: String...) async throws -> AOSControlRun {
    try await AOSControlProcess(
      arguments + ["--balancer", url, "--token-file", tokenFile, "--ca-file", certificate]
    ).finish()
  }
}

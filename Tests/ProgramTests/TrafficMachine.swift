import ClusterModel
import Foundation
import Testing

extension GuideMachine {
  /// Runs a test on servers that lead to an application.
  ///
  /// - Parameter application: As `--application` names it.
  static func run(
    _ sizes: KeyValuePairs<String, Int> = ["AOS01": 5], to application: String,
    tls: Bool = false, isChecked: Bool = true, _ test: (GuideMachine) async throws -> Void
  ) async throws {
    try await run(
      sizes,
      settings: { machine in
        var settings = Settings(servers: ", \"application\": \"\(application)\"")
        if !isChecked { settings.servers += ", \"application-check\": \"off\"" }
        if tls {
          try await machine.makeCertificate()
          settings.balancer += ", \"ca-file\": \"\(machine.certificate)\""
          settings.servers += """
            , "tls-certificate": "\(machine.certificate)", "tls-key": "\(machine.folder)/own.key"
            """
        }
        return settings
      }, test)
  }

  var certificate: String { "\(folder)/own.crt" }

  /// Makes the certificate of its servers, which signed itself.
  private func makeCertificate() async throws {
    try await expect(
      """
      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
        -subj /CN=AOS -addext subjectAltName=IP:127.0.0.1 -keyout own.key -out own.crt
      chmod 600 own.key
      """)
  }

  /// `aosctl connect` with the options that lead to this cluster.
  var connect: String {
    get throws {
      let authorities = FileManager.default.fileExists(atPath: certificate)
      return "aosctl connect --servers LB1@\(try address(of: "LB1"))"
        + (authorities ? " --ca-file own.crt" : "")
    }
  }

  /// Forwards a port in the background, and leaves what it says in `forward.out` and
  /// `forward.err`, its process in `forward.pid` and its exit code in `forward.status`.
  ///
  /// - Returns: Where it listens.
  func forward(_ options: String = "") async throws -> Address {
    try await expect(
      """
      (code=0
      \(try connect) --forward 0 \(options) >forward.out 2>forward.err & echo $! >forward.pid
      wait $! || code=$?; echo $code >forward.status) >background.out 2>&1 &
      """)
    try await until("cat forward.out forward.err", holds: "forwarding from 127.0.0.1:")
    let port = try await expect("sed -n 's/^forwarding from 127.0.0.1://p' forward.out")
    return try Address("127.0.0.1:\(port.trimmingCharacters(in: .newlines))")
  }

  /// What a file in its folder holds.
  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(folder)/\(name)", encoding: .utf8)
  }

  /// Fails with words that say how a program is installed, where it is missing.
  func require(_ program: String, package: String) async throws {
    let found = try await run("PATH=$PATH:/usr/sbin command -v \(program)")
    try #require(
      found.status == 0,
      "\(program) is not installed: `make test-packages` or `apt-get install \(package)` does it")
  }
}

import ClusterClient
import Foundation
import ServiceSupport
import TestSupport

/// A certificate that signed itself, made for one test, as README tells operators to make one.
struct TestCertificate {
  let certificateFile: String
  let keyFile: String

  /// - Parameter names: What it is for: `IP:127.0.0.1`, `DNS:localhost`.
  init(in folder: String, _ name: String = "own", names: String...) throws {
    certificateFile = "\(folder)/\(name).crt"
    keyFile = "\(folder)/\(name).key"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1",
      "-nodes", "-days", "2", "-subj", "/CN=\(name)", "-addext",
      "subjectAltName=" + (names.isEmpty ? ["IP:127.0.0.1"] : names).joined(separator: ","),
      "-keyout", keyFile, "-out", certificateFile,
    ]
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw NeverHappened(what: "openssl makes it") }
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: keyFile)
  }

  /// Runs a test with certificates, which go with it.
  static func withFolder(_ test: (String) async throws -> Void) async throws {
    let folder = "/tmp/aosc-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await test(folder)
  }

  var identity: TLSIdentity {
    get throws { try TLSIdentity(certificateFile: certificateFile, keyFile: keyFile) }
  }

  var authorities: CertificateAuthorities {
    get throws { try CertificateAuthorities(file: certificateFile) }
  }
}

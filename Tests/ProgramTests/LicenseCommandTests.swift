import ClusterAPI
import ClusterClient
import ClusterModel
import ClusterTrust
import Foundation
import ScriptedServer
import Testing

@Suite("aosctl license", .timeLimit(.minutes(2)))
final class LicenseCommandTests {
  private let folder = "/tmp/aosl-\(UUID().uuidString.prefix(13))"
  private var key: String { folder + "/licensor" }

  init() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  private func text(_ path: String) throws -> String {
    try String(contentsOfFile: path, encoding: .utf8)
  }

  /// Writes a private key as its owner's alone; another one would be refused.
  private func writeKey(_ text: String) throws {
    try text.write(toFile: key, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: key)
  }

  private func issue(_ more: String...) async throws -> AOSControlRun {
    let common = ["license", "issue", "--key", key, "--holder", "Example Ltd", "--cluster", "PROD"]
    return try await AOSControlProcess(common + more).finish()
  }

  @Test("a key pair is made once: the private file is its owner's alone and never overwritten")
  func keyPair() async throws {
    #expect(try await aosctl("license", "key", key).status == 0)
    let made = try text(key)
    let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let pair = try ClusterKey(seed: made.trimmingCharacters(in: .whitespacesAndNewlines))
    #expect(try text(key + ".pub") == pair.publicKey.text + "\n")
    let again = try await aosctl("license", "key", key)
    #expect(again.status == 1)
    #expect(again.errors == "aosctl: \(key): File exists\n")
    #expect(try text(key) == made)
  }

  @Test("a license is signed without a balancer, and says what it was asked to")
  func issued() async throws {
    let pair = ClusterKey()
    try writeKey(pair.seed)
    let run = try await issue("--seats", "8", "--expires", "2099-01-01")
    #expect(run.status == 0)
    #expect(run.errors == "")
    let license = try await pair.publicKey.license(
      in: run.output.trimmingCharacters(in: .whitespacesAndNewlines), for: "PROD")
    #expect(license.holder == "Example Ltd")
    #expect(license.seats == 8)
    #expect(license.expiresAt == Timestamp("2099-01-01T00:00:00Z"))

    let old = try await issue("--seats", "8", "--expires", "2001-01-01", "--out", key + ".jwt")
    #expect(old.status == 0)
    #expect(old.errors.contains("has expired already"))
    let kept = try text(key + ".jwt")
    #expect(try await issue("--seats", "9", "--days", "1", "--out", key + ".jwt").status == 1)
    #expect(try text(key + ".jwt") == kept)
  }

  @Test(
    "what no balancer would take is not signed, and a wrong key is not repeated",
    arguments: [
      (["--seats", "-1", "--days", "1"], "seats"), (["--seats", "1"], "--expires"),
      (["--seats", "1", "--days", "1", "--expires", "2099-01-01"], "--expires"),
      (["--seats", "1", "--expires", "2099-02-30"], "2027-12-31"),
      (["--seats", "1", "--days", "1", "--holder", "a\u{7}b"], "holder"),
      (["--seats", "1", "--days", "1", "--key", "/no/such"], "/no/such"),
    ])
  func refused(arguments: [String], mentions: String) async throws {
    try writeKey(ClusterKey().seed)
    var run = try await AOSControlProcess(
      ["license", "issue", "--cluster", "PROD"]
        + (arguments.contains("--holder") ? [] : ["--holder", "Example Ltd"])
        + (arguments.contains("--key") ? [] : ["--key", key]) + arguments
    ).finish()
    #expect(run.status == 1)
    #expect(run.output == "")
    #expect(run.errors.contains(mentions), "\(run.errors)")
    try writeKey("c2VjcmV0")
    run = try await issue("--seats", "1", "--days", "1")
    #expect(run.status == 1)
    #expect(
      run.errors == "aosctl: \(key): not a private key: the seed must be 32 bytes in "
        + "base64url\n")
  }

  @Test("the license is sent as it is in the file, and shown in words")
  func installed() async throws {
    let key = key
    try "a.b.c\n".write(toFile: key, atomically: true, encoding: .utf8)
    let summary = LicenseSummary(
      state: .invalid, holder: "Example Ltd", seats: 8, seatsUsed: 7,
      expiresAt: Timestamp("2027-01-01T00:00:00.000Z"), reason: "the signature is wrong")
    let answer = Sample.mutation([])
    let requests = try await ScriptedServer.run { request, reply in
      if request.method == "GET" {
        try await reply.json(summary)
      } else {
        try await reply.json(answer)
      }
    } _: { server in
      let balancer = ["AOS_BALANCER": server.endpoint.description]
      let run = try await aosctl("license", "install", key, environment: balancer)
      #expect(run.status == 0)
      #expect(run.lines.first == "the license is installed")
      let shown = try await aosctl("license", "show", environment: balancer)
      #expect(
        shown.lines == [
          "state: invalid: the signature is wrong", "holder: Example Ltd",
          "seats: 7 used of 8", "expires: 2027-01-01T00:00:00.000Z",
        ])
      let seats = try await aosctl("license", "seats", "none", environment: balancer)
      #expect(seats.lines.first == "seats are unlimited")
      return server.requests
    }
    let bodies = requests.filter { $0.method == "PUT" }.map(\.text)
    #expect(bodies == [#"{"license":"a.b.c"}"#, #"{"seats":null}"#])
  }
}

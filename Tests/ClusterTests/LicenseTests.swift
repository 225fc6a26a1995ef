import ClusterAPI
import ClusterClient
import ClusterModel
import ClusterTrust
import Testing

/// Licenses through the doors of real daemons.
@Suite("A license of the cluster", .timeLimit(.minutes(2)))
struct LicenseTests {
  private let key = ClusterKey()
  private let now = Timestamp(milliseconds: 1_800_000_000_000)
  private static let year: Int64 = 365 * 86_400_000

  /// - Parameter expired: A long time ago, else in many years.
  private func license(
    seats: Int, cluster: String = "TEST", expired: Bool = false, by signer: ClusterKey? = nil
  ) async throws -> String {
    try await (signer ?? key).sign(
      LicenseTerms(
        holder: "Example Ltd", cluster: cluster, seats: seats, issuedAt: now,
        expiresAt: now.adding(milliseconds: (expired ? -20 : 50) * Self.year)))
  }

  private func summary(_ cluster: LiveCluster) async throws -> LicenseSummary {
    try await cluster.operators.raw(.get, "/v1/license").decoded()
  }

  @Test("gives seats in order of registration; a server without a seat is in no list and refuses")
  func seats() async throws {
    try await LiveCluster.run(licenseKey: key.publicKey) { cluster in
      for name in ["AOS01", "AOS02", "AOS03"] { try await cluster.start(name) }
      let answer = try await cluster.change(.license(try await license(seats: 2)))
      #expect(answer.delivered)
      #expect(answer.impact.handshakeList.map(\.text) == ["AOS01", "AOS02"])
      let status = try await cluster.operators.status()
      #expect(status.license.state == .valid)
      #expect(status.license.holder == "Example Ltd")
      #expect(status.license.seats == 2)
      #expect(status.license.seatsUsed == 2)
      #expect(status[try InstanceID("LB1")]?.license == .notRequired)
      #expect(status[try InstanceID("AOS03")]?.exclusion == .unlicensed)
      #expect(status.actions.first?.action == .license)
      #expect(await problem { try await cluster.open(at: "AOS03") } == .unlicensed)
      try await cluster.change(.remove([try InstanceID("AOS01")], force: true))
      try await cluster.until("the seat has gone to the one without") {
        $0.handshakeList.map(\.text).sorted() == ["AOS02", "AOS03"]
      }
    }
  }

  @Test("that has expired lets no new session open, while open ones continue")
  func expired() async throws {
    try await LiveCluster.run(licenseKey: key.publicKey) { cluster in
      try await cluster.start("AOS01")
      let session = try await cluster.open(at: "AOS01")
      let document = try await license(seats: 9, expired: true)
      let refusal = await problem { try await cluster.change(.license(document)) }
      #expect(refusal == .needsAcknowledgement)
      let options = MutationOptions(acknowledge: [.lastServer, .lastBatchServer])
      try await cluster.change(.license(document), options: options)
      #expect(try await summary(cluster).state == .expired)
      #expect(await problem { try await cluster.open(at: "AOS01") } == .unlicensed)
      let handshake = await problem { try await cluster.clients.handshake(HandshakeRequest()) }
      #expect(handshake == .noActiveInstance)
      let one = try InstanceID("AOS01")
      try await cluster.until("it is counted still") { $0[one]?.load.connected == 1 }
      session.close()
      #expect(await session.events.isEmpty)
    }
  }

  @Test("that is forged, altered, or another cluster's is refused, and nothing changes")
  func refused() async throws {
    try await LiveCluster.run(licenseKey: key.publicKey) { cluster in
      let good = try await license(seats: 2)
      try await cluster.change(.license(good))
      let before = try await cluster.operators.status()
      var parts = good.split(separator: ".").map(String.init)
      parts[1] = try await license(seats: 9).split(separator: ".").map(String.init)[1]
      let forged = try await license(seats: 9, by: ClusterKey())
      let foreign = try await license(seats: 9, cluster: "OTHER")
      let bad = [
        (forged, "signature"), (parts.joined(separator: "."), "signature"),
        (foreign, "another cluster"),
        ("not a license", "JWT"), ("", "JWT"),
      ]
      for (document, reason) in bad {
        do {
          _ = try await cluster.change(.license(document))
          Issue.record("it was taken")
        } catch ClientFailure.problem(let problem) {
          #expect(problem.name == .invalidLicense)
          #expect(problem.detail.contains(reason), "\(problem.detail)")
        }
      }
      let after = try await cluster.operators.status()
      #expect(after.license == before.license)
      #expect(after.instances == before.instances)
      #expect(after.actions == before.actions)
      #expect(await problem { try await cluster.change(.seats(9)) } == .licenseHolds)
    }
  }

  @Test("needs a balancer that trusts a key; one that does not says so and changes nothing")
  func noKey() async throws {
    try await LiveCluster.run(licenseKey: key.publicKey) { cluster in
      try await cluster.start("AOS01")
      try await cluster.change(.license(try await license(seats: 5)))
      await cluster.killBalancer()
      cluster.licenseKey = nil
      try await cluster.startBalancer()
      let status = try await cluster.until("it cannot trust the license") {
        $0.license.state == .invalid && $0.handshakeList.map(\.text) == ["AOS01"]
      }
      #expect(status.license.reason?.contains("--license-key") == true)
      try await cluster.start("AOS02")
      let late = try await cluster.operators.status()[try InstanceID("AOS02")]
      #expect(late?.license.reason?.contains("the license is invalid") == true)
      let document = try await license(seats: 5)
      #expect(await problem { try await cluster.change(.license(document)) } == .invalidLicense)

      await cluster.killBalancer()
      cluster.licenseKey = key.publicKey
      try await cluster.startBalancer()
      try await cluster.until("the seat is given") {
        $0.license.state == .valid && $0.handshakeList.count == 2
      }
    }
  }

  @Test("is agreed upon by every balancer, and its going away too")
  func severalBalancers() async throws {
    try await LiveCluster.run(licenseKey: key.publicKey) { cluster in
      let second = try await cluster.startSecondBalancer()
      try await cluster.start("AOS01")
      try await cluster.change(.license(try await license(seats: 3)))
      try await cluster.until("it is valid there", at: second) {
        $0.license.state == .valid && $0.license.seats == 3
      }
      _ = try await second.change(.license(nil))
      let none = try await cluster.until("it is gone here") { $0.license.state == .none }
      #expect(none.license.seats == nil)
      #expect(none.license.seatsUsed == 1)
    }
  }

  @Test("is thought through by a dry run, which changes nothing")
  func dryRun() async throws {
    try await LiveCluster.run(licenseKey: key.publicKey) { cluster in
      try await cluster.start("AOS01")
      let document = try await license(seats: 0)
      let answer = try await cluster.change(
        .license(document), options: MutationOptions(dryRun: true))
      #expect(answer.impact.warnings == [.lastServer, .lastBatchServer])
      #expect(try await summary(cluster).state == .none)
      #expect(try await cluster.operators.status().handshakeList.count == 1)
    }
  }
}

import ClusterModel
import Testing

@testable import ClusterTrust

@Suite struct KeyChainTests {
  private let keys = (0..<4).map { _ in ClusterKey() }

  private func step(
    _ place: Int, to next: Int? = nil, cluster: String = "PROD"
  ) async throws -> KeyChain.Step {
    let new = keys[next ?? place + 1].publicKey
    return KeyChain.Step(
      from: keys[place].publicKey.text,
      document: try await keys[place].sign(
        successor: new, cluster: cluster, epoch: "e", at: Timestamp(milliseconds: 0)))
  }

  @Test("an instance that missed several steps follows all of them")
  func several() async throws {
    let steps = [try await step(0), try await step(1), try await step(2)]
    for place in 0..<4 {
      var chain = KeyChain(root: keys[place].publicKey)
      #expect(try await chain.follow(steps, cluster: "PROD") == (place < 3))
      #expect(chain.current == keys[3].publicKey)
      #expect(chain.keys == keys[place...].map(\.publicKey))
      #expect(chain.steps == Array(steps[place...]))
      #expect(try await chain.follow(steps, cluster: "PROD") == false, "twice is once")
    }
  }

  @Test("a step that another key signed, of another cluster or for another purpose, is refused")
  func refused() async throws {
    var forged = try await step(1, to: 2)
    forged.from = keys[0].publicKey.text
    let other = try await step(0, cluster: "TEST")
    let desired = KeyChain.Step(
      from: keys[0].publicKey.text,
      document: try await keys[0].sign(
        DesiredState(
          cluster: "PROD", instance: try InstanceID("AOS01"), epoch: "e", revision: 1,
          admission: .accepting, limit: nil, unlicensedReason: nil, removed: false, drain: nil)))
    for (wrong, failure) in [
      (forged, TrustFailure.wrongSignature), (other, .wrongCluster), (desired, .wrongPurpose),
      (KeyChain.Step(from: keys[0].publicKey.text, document: "x"), .malformed),
    ] {
      var chain = KeyChain(root: keys[0].publicKey)
      await #expect(throws: failure) { try await chain.follow([wrong], cluster: "PROD") }
      #expect(chain == KeyChain(root: keys[0].publicKey))
    }
  }

  @Test("no step leads back to a key that was replaced")
  func noWayBack() async throws {
    var chain = KeyChain(root: keys[0].publicKey)
    _ = try await chain.follow([try await step(0)], cluster: "PROD")
    let back = try await step(1, to: 0)
    await #expect(throws: TrustFailure.self) { try await chain.follow([back], cluster: "PROD") }
    #expect(chain.current == keys[1].publicKey)
  }

  @Test("a kept order that an older key signed is trusted, newest key first")
  func older() async throws {
    var chain = KeyChain(root: keys[0].publicKey)
    _ = try await chain.follow([try await step(0), try await step(1)], cluster: "PROD")
    let id = try InstanceID("AOS01")
    let desired = DesiredState(
      cluster: "PROD", instance: id, epoch: "e", revision: 7, admission: .rejecting, limit: nil,
      unlicensedReason: nil, removed: false, drain: nil)
    for key in keys.prefix(3) {
      let document = try await key.sign(desired)
      #expect(try await chain.desiredState(in: document, for: id, cluster: "PROD") == desired)
    }
    let foreign = try await keys[3].sign(desired)
    await #expect(throws: TrustFailure.wrongSignature) {
      try await chain.desiredState(in: foreign, for: id, cluster: "PROD")
    }
    #expect(chain.starting(at: keys[1].publicKey)?.keys == keys[1...2].map(\.publicKey))
    #expect(chain.starting(at: keys[3].publicKey) == nil)
  }
}

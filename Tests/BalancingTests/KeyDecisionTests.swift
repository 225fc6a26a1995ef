import Balancing
import Testing

@testable import ClusterModel

@Suite struct KeyDecisionTests {
  private let noon = Timestamp(milliseconds: 1_772_366_400_000)

  private func pair(_ number: UInt8) -> (seed: SigningSeed, publicKey: String) {
    (SigningSeed([number]), "key \(number)")
  }

  private func contents(_ number: UInt8) -> RegistryContents {
    var contents = RegistryContents(cluster: "PROD", epoch: "e")
    contents.signingSeed = pair(number).seed
    return contents
  }

  @Test("a step is kept with its number, and the new key signs from then on")
  func step() throws {
    var contents = contents(1)
    let draft = try contents.replaceKey(pair(1), by: pair(2), document: "d", at: noon)
    #expect(draft.action == .rotateKey)
    #expect(!"\(draft)".contains("SigningSeed"))
    #expect(contents.signingSeed == pair(2).seed)
    #expect(
      contents.rotations == [
        KeyRotation(number: 1, from: "key 1", to: "key 2", document: "d", at: noon)
      ])
    let difference = RegistryDifference(from: self.contents(1), to: contents, at: noon)
    #expect(!difference.isEmpty && difference.concerned.isEmpty)
    #expect(difference.rotations == contents.rotations)
  }

  @Test("a step that another step has overtaken is refused")
  func overtaken() throws {
    var contents = contents(2)
    #expect(throws: KeyRefusal.replacedMeanwhile) {
      try contents.replaceKey(pair(1), by: pair(3), document: "d", at: noon)
    }
    #expect(contents == self.contents(2))
  }

  @Test("only the last steps are kept")
  func kept() throws {
    var contents = contents(0)
    for number in 0..<300 {
      let (old, new) = (SigningSeed([0, UInt8(number / 256), UInt8(number % 256)]), number + 1)
      contents.signingSeed = old
      _ = try contents.replaceKey(
        (old, "\(number)"), by: (SigningSeed([1, UInt8(new % 256)]), "\(new)"), document: "d",
        at: noon)
    }
    #expect(contents.rotations.count == Limits.keySteps)
    #expect(contents.rotations.last?.number == 300)
  }

  @Test("a key's description shows nothing of the key")
  func secret() {
    #expect("\(SigningSeed([1, 2, 3]))" == "(a signing key)")
    #expect(String(reflecting: SigningSeed([1, 2, 3])) == "(a signing key)")
    #expect(!"\(contents(77))".contains("77"))
  }
}

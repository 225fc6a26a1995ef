import Testing

@testable import ClusterModel
@testable import Registry

/// Steps of the signing key in every registry.
@Suite struct RotationSuite {
  private static func step(_ number: Int64) -> KeyRotation {
    KeyRotation(
      number: number, from: "key \(number - 1)", to: "key \(number)", document: "step \(number)",
      at: noon)
  }

  @Test("a step and the new key are kept together, and read by others", arguments: RegistryKind.all)
  func kept(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let left = try await bed.open()
    let right = try await bed.open()
    let old = try #require(try await right.contents().signingSeed)
    var signals = right.signals().makeAsyncIterator()
    let commit = try await left.change { contents in
      contents.signingSeed = SigningSeed(old.bytes.reversed())
      contents.rotations.append(Self.step(1))
      return [ActionDraft(.rotateKey, result: "new")]
    }
    #expect(commit.concerned.isEmpty, "no instance has to do anything else")
    #expect(commit.revision == 1)
    while try await right.contents() != commit.contents { _ = await signals.next() }
    await left.close()
    let again = try await bed.open().contents()
    #expect(again.rotations == [Self.step(1)])
    #expect(again.signingSeed?.bytes == old.bytes.reversed())
  }

  @Test("the oldest steps go", arguments: RegistryKind.all)
  func pruned(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let registry = try await bed.open()
    let most = Int64(Limits.keySteps)
    try await registry.change { contents in
      contents.rotations = (1...most).map(Self.step)
      return []
    }
    try await registry.change { contents in
      contents.rotations = (contents.rotations + [Self.step(most + 1)]).suffix(Int(most))
      return []
    }
    await registry.close()
    let numbers = try await bed.open().contents().rotations.map(\.number)
    #expect(numbers == Array(2...most + 1))
  }
}

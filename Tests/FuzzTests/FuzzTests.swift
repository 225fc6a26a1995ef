import ClusterModel
import Foundation
import Testing

/// Broken inputs for every parser: `make fuzz INPUTS=1000000`. A failure, a crash and a hang name
/// the seed, the parser and the number of the input, and `FUZZ_ONLY` repeats that one.
@Suite("Every parser of outside input", .serialized)
struct FuzzTests {
  private static let environment = ProcessInfo.processInfo.environment
  /// Of all parsers together. Without FUZZ_INPUTS, as many as take some seconds.
  private static let inputs = environment["FUZZ_INPUTS"].flatMap(Int.init) ?? 15_000
  private static let seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? 1
  /// `NUMBER PARSER`: this input alone.
  private static let only = environment["FUZZ_ONLY"]

  @Test("keeps its promises, whatever it is given")
  func run() async throws {
    let targets = try await FuzzTarget.all()
    try #require(Set(targets.map(\.name)).count == targets.count)
    if let only = Self.only { return try await repeatOne(only, targets) }
    Blackbox.arm()
    defer { Blackbox.disarm() }
    let share = max(1, Self.inputs / targets.count)
    var total = 0
    for target in targets {
      let accepted = try await run(target, share)
      total += share
      if Self.environment["FUZZ_INPUTS"] != nil {
        print("fuzz: \(target.name): \(share) inputs, \(accepted) of them accepted")
      }
      // One in sixteen is whole: a parser that takes nothing is given nothing worth its while.
      #expect(share < 300 || accepted > 0, "\(target.name) took nothing")
      #expect(share < 300 || accepted < share, "\(target.name) took everything")
    }
    print("fuzz: \(total) inputs for \(targets.count) parsers, seed \(Self.seed)")
  }

  private func run(_ target: FuzzTarget, _ count: Int) async throws -> Int {
    var accepted = 0
    for number in 0..<count {
      Blackbox.note("seed \(Self.seed), input \(number) \(target.name)")
      let bytes = Self.input(number, target)
      do {
        if try await target.read(bytes) { accepted += 1 }
      } catch {
        Issue.record(
          """
          \(target.name): \(error)
          repeat with FUZZ_SEED=\(Self.seed) FUZZ_ONLY='\(number) \(target.name)'
          input: \(String(decoding: bytes, as: UTF8.self).debugDescription)
          bytes: \(bytes.map { String($0, radix: 16) }.joined(separator: " "))
          """)
        return accepted
      }
    }
    return accepted
  }

  /// Each input follows from the seed, the parser and its number alone.
  private static func input(_ number: Int, _ target: FuzzTarget) -> [UInt8] {
    let name = target.name.utf8.reduce(UInt64(0)) { $0 &* 257 &+ UInt64($1) }
    var mixer = SplitMix64(seed: seed &* 0x9E37_79B9 &+ name)
    let start = mixer.next() &+ UInt64(number)
    var mutator = Mutator(random: SplitMix64(seed: start), corpus: target.corpus)
    return mutator.next()
  }

  private func repeatOne(_ words: String, _ targets: [FuzzTarget]) async throws {
    let parts = words.split(separator: " ", maxSplits: 1)
    let number = try #require(parts.first.flatMap { Int($0) })
    let target = try #require(targets.first { $0.name == parts.last.map(String.init) })
    let bytes = Self.input(number, target)
    print("fuzz: \(bytes.map { String($0, radix: 16) }.joined(separator: " "))")
    print("fuzz: \(String(decoding: bytes, as: UTF8.self).debugDescription)")
    _ = try await target.read(bytes)
  }

  @Test("that breaks a promise is told with the input")
  func broken() async throws {
    let target = FuzzTarget(name: "broken", corpus: [[1, 2, 3]]) { bytes in
      try promise(bytes.count < 4, "it is too long")
      return true
    }
    var seen = false
    for number in 0..<200 where !seen {
      do { _ = try await target.read(Self.input(number, target)) } catch is BrokenPromise {
        seen = true
      }
    }
    #expect(seen)
  }
}

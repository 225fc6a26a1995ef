import Foundation
import Testing

@testable import ClusterModel

@Suite("An enumeration that a later release may extend")
struct OpenEnumTests {
  @Test("keeps a name that it does not know, as it was told", arguments: ["paused", "", "ALIVE"])
  func unknown(name: String) throws {
    let health = OpenEnum<Health>(name)
    #expect(health.known == nil)
    #expect(health.rawValue == name)
    #expect(health != .alive)
    #expect(try again(health) == health)
  }

  @Test("reads every name of this release as it always did")
  func known() throws {
    for exclusion in Exclusion.allCases {
      let open = OpenEnum<Exclusion>(exclusion.rawValue)
      #expect(open == exclusion)
      #expect(open.known == exclusion)
      #expect(open.sentence == exclusion.sentence)
      #expect(try again(open) == open)
    }
    #expect(OpenEnum<Exclusion>("quarantined").sentence == "quarantined")
  }

  @Test("shows no name at a length, or with signs, that harm a terminal")
  func hostile() throws {
    let names = [
      String(repeating: "x", count: 100_000), "a\u{1B}[2Jb", "\u{202E}gnp", "a\r\nb",
      "e" + String(repeating: "\u{301}", count: 10_000),
    ]
    for name in names {
      let health = OpenEnum<Health>(name)
      #expect(health.rawValue.count <= Limits.unknownNameCharacters)
      #expect(health.rawValue.unicodeScalars.count <= Limits.unknownNameCharacters * 4)
      #expect(!health.rawValue.unicodeScalars.contains(where: PlainText.isForbidden))
      #expect(try again(health) == health, "written and read again it is the same")
    }
  }

  @Test("a role or a service that is not known is kept, and what is known of it holds")
  func roles() {
    let gateway = OpenRole(name: "gateway", services: ["batch"])
    #expect(gateway == .unrecognized(name: "gateway", services: ["batch"]))
    #expect(gateway.known == nil && !gateway.isLoadBalancer && gateway.serves(.batch))
    let more = OpenRole(name: "server", services: ["application", "reports"])
    #expect(more.name == "server" && more.services == ["application", "reports"])
    #expect(more.serves(.client) && !more.serves(.batch) && !more.serves(.service))
    #expect(OpenRole(name: "loadBalancer", services: ["reports"]).isLoadBalancer)
    #expect(OpenRole(name: "server", services: ["batch", "application"]) == .server(.both))
    #expect(OpenRole(name: "loadBalancer", services: []) == .loadBalancer)
  }

  private func again<Value: Codable>(_ value: Value) throws -> Value {
    try JSONDecoder().decode(Value.self, from: JSONEncoder().encode(value))
  }
}

@Suite("The nearest name")
struct SpellingTests {
  private static let known = ["dryRun", "acknowledge", "force", "deadline", "reason"]

  @Test(
    "is the one that was meant",
    arguments: [
      ("dryrun", "dryRun"), ("dry-run", "dryRun"), ("dry_run", "dryRun"), ("DRYRUN", "dryRun"),
      ("aknowledge", "acknowledge"), ("forced", "force"), ("deadlines", "deadline"),
      ("Reason", "reason"),
    ])
  func near(typed: String, meant: String) {
    #expect(Spelling.nearest(to: typed, among: Self.known) == meant)
  }

  @Test(
    "is none where no name is near",
    arguments: ["", "x", "exclude", "expiresAt", String(repeating: "dryRun", count: 1_000)])
  func far(typed: String) {
    #expect(Spelling.nearest(to: typed, among: Self.known) == nil)
  }

  @Test("counts the letters that differ, whatever their case")
  func distance() {
    let key = "Idempotency-Key"
    let names = [
      (key, 0), ("idempotency-key", 0), ("Idempotency_Key", 1), ("Idempotencykey", 1),
      ("Idempotence-Key", 1), ("Idempotancy-Keys", 2), ("Idem-Key", 7),
    ]
    for (name, letters) in names { #expect(Spelling.distance(name, key) == letters, "\(name)") }
  }
}

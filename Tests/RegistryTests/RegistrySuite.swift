import Testing

@testable import ClusterModel
@testable import Registry

/// What every registry does, whatever database is behind it.
@Suite struct RegistrySuite {
  @Test("a new registry is empty and belongs to its cluster", arguments: RegistryKind.all)
  func empty(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let contents = try await registry.contents()
    #expect(contents.cluster == "PROD")
    #expect(contents.revision == 0)
    #expect(contents.seats == nil)
    #expect(contents.instances.isEmpty)
    #expect(try await registry.actions(limit: 10).isEmpty)
  }

  @Test("the epoch and the key are random, and stay", arguments: RegistryKind.all)
  func identity(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let first = try await bed.open()
    let other = try await kind.makeBed().open()
    let key = try await first.contents().signingSeed
    #expect(key?.bytes.count == 32)
    #expect(try await other.contents().signingSeed != key)
    let epoch = try await first.contents().epoch
    #expect(try await other.contents().epoch != epoch)
    await first.close()
    let again = try await bed.open()
    #expect(try await again.contents().signingSeed == key)
    #expect(try await again.contents().epoch == epoch)
  }

  @Test("every field of a row comes back as it was written", arguments: RegistryKind.all)
  func fields(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let registry = try await bed.open()
    var full = try server("AOS01", host: "::1".bracketed)
    full.servicesAddress = try Address("services.example:8101")
    full.role = .server(.both)
    full.tls = true
    full.limit = 7
    full.admission = .rejecting
    full.admissionReason = "Ämter 'drop table' 🚧"
    full.drain = Drain(
      startedAt: noon, startedWith: 44,
      terms: DrainTerms(
        message: "bye", closeIdleAfterSeconds: 120, deadline: noon.adding(milliseconds: 1),
        untilRestart: true))
    full.seat = 3
    full.unlicensedReason = "the license expired on 2026-01-01"
    full.removedAt = noon
    var balancer = try server("LB1")
    balancer.role = .loadBalancer
    balancer.seat = nil
    balancer.ownMaximum = 0
    let rows = [full, balancer]
    let commit = try await registry.change { contents in
      contents.seats = 9
      for row in rows { contents.instances[row.id] = row }
      return []
    }
    await registry.close()
    let read = try await bed.open().contents()
    #expect(read == commit.contents)
    #expect(read.seats == 9)
    var expected = full
    (expected.registration, expected.revision) = (1, 1)
    #expect(read.instances[full.id] == expected)
    #expect(read.instances[balancer.id]?.role == .loadBalancer)
  }

  @Test(
    "the license comes back as it was written, and can be taken away",
    arguments: RegistryKind.all)
  func license(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let registry = try await bed.open()
    let license = License(
      document: "a.b.c", holder: "Ämter 'drop table' Ltd", seats: 8, expiresAt: noon)
    let judge = try InstanceID("LB1")
    let commit = try await registry.change { contents in
      contents.license = license
      contents.licenseEndedBy = judge
      return [ActionDraft(.license, result: "installed")]
    }
    #expect(commit.revision == 1)
    let other = try await bed.open()
    let read = try await other.contents()
    #expect(read == commit.contents)
    #expect(read.license == license)
    #expect(read.licenseEndedBy == judge)
    // A second change to the same is none: the second writer writes nothing.
    let again = try await other.change { contents in
      contents.licenseEndedBy = judge
      return []
    }
    #expect(again.revision == 1)
    let gone = try await other.change { contents in
      (contents.license, contents.licenseEndedBy) = (nil, nil)
      return []
    }
    #expect(gone.revision == 2)
    #expect(try await registry.contents() == gone.contents)
    #expect(gone.contents.license == nil)
  }

  @Test(
    "an answered change is there when the registry is opened again",
    arguments: RegistryKind.all)
  func durable(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    let registry = try await bed.open()
    try await registry.add("AOS01", "AOS02")
    let commit = try await registry.drain(InstanceID("AOS01"))
    await registry.close()
    let again = try await bed.open()
    #expect(try await again.contents() == commit.contents)
    #expect(try await again.actions(limit: 10) == commit.actions)
  }

  @Test("a decision that throws changes nothing and is heard as it is", arguments: RegistryKind.all)
  func rollback(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    try await registry.add("AOS01")
    let before = try await registry.contents()
    await #expect(throws: RefusedChange(words: "no")) {
      try await registry.change(RequestKey("key"), at: noon, actor: "alice") { contents in
        contents.seats = 1
        contents.instances = [:]
        throw RefusedChange(words: "no")
      }
    }
    #expect(try await registry.contents() == before)
    // The request id is free again, since it had no effect.
    let commit = try await registry.change(RequestKey("key"), at: noon, actor: "alice") {
      contents in
      contents.seats = 2
      return []
    }
    #expect(!commit.isRepeat)
    #expect(commit.contents.seats == 2)
  }

  @Test("a closed registry is unavailable and its signals end", arguments: RegistryKind.all)
  func closed(kind: RegistryKind) async throws {
    let registry = try await kind.makeBed().open()
    let signals = registry.signals()
    await registry.close()
    for await signal in signals { Issue.record("unexpected \(signal)") }
    for await signal in registry.signals() { Issue.record("unexpected \(signal)") }
    await #expect(throws: RegistryFailure.self) { try await registry.contents() }
    await #expect(throws: RegistryFailure.self) { try await registry.add("AOS01") }
  }

  @Test("a registry serves no other cluster than its own", arguments: RegistryKind.all)
  func wrongCluster(kind: RegistryKind) async throws {
    let bed = try kind.makeBed()
    try await bed.open(cluster: "PROD").close()
    let failure = await #expect(throws: RegistryFailure.self) {
      try await bed.open(cluster: "TEST")
    }
    guard case .unusable(let reason) = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    #expect(reason.hasSuffix("belongs to the cluster PROD, not to TEST"))
  }
}

extension String {
  fileprivate var bracketed: String { "[\(self)]" }
}

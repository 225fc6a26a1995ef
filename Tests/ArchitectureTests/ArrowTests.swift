import Testing

/// The floors of the house: every arrow goes down.
@Suite struct ArrowTests {
  /// From the ground up. A target may lean only on those above it in this list, so there is no
  /// cycle; and only on those named with it. Modules of Swift and of the system are named too:
  /// what is pure has no way to a clock, a socket or a file.
  static let floors: [(target: String, imports: Set<String>)] = [
    ("CNcurses", []),
    ("CPostgres", []),
    ("CProcessMemory", []),
    ("CStandardDescriptors", []),
    ("CTerminalGuard", []),
    ("ClusterModel", []),
    ("CellGrid", []),
    ("SmallFiles", ["ClusterModel", "Glibc", "Synchronization"]),
    ("Balancing", ["ClusterModel", "DequeModule", "OrderedCollections"]),
    ("Hosting", ["ClusterModel"]),
    (
      "ClusterSimulation",
      ["Balancing", "ClusterModel", "DequeModule", "HeapModule", "Hosting"]
    ),
    ("Dashboard", ["CellGrid", "ClusterModel"]),
    ("ClusterAPI", ["ClusterModel", "FoundationEssentials"]),
    ("Recordings", ["ClusterAPI", "ClusterModel", "Dashboard", "Glibc", "Synchronization"]),
    ("ClusterTrust", ["ClusterModel", "Crypto", "FoundationEssentials", "JWTKit"]),
    (
      "ClusterClient",
      [
        "AsyncHTTPClient", "ClusterAPI", "ClusterModel", "Glibc", "NIOCore",
        "NIOHTTP1", "NIOPosix", "NIOSSL", "SmallFiles", "Synchronization",
      ]
    ),
    (
      "Registry",
      [
        "CPostgres", "ClusterModel", "Dispatch", "FoundationEssentials", "GRDB", "Glibc",
        "Logging", "SmallFiles", "Synchronization",
      ]
    ),
    (
      "ServiceSupport",
      [
        "ClusterAPI", "ClusterModel", "Dispatch", "Glibc", "HTTPTypes",
        "Hummingbird", "HummingbirdCore", "HummingbirdTLS", "Logging", "NIOCore", "NIOEmbedded",
        "NIOHTTP1", "NIOHTTPTypes", "NIOPosix", "NIOSSL", "ServiceLifecycle", "SmallFiles",
        "Synchronization",
      ]
    ),
    (
      "BalancerService",
      [
        "Balancing", "ClusterAPI", "ClusterClient", "ClusterModel", "ClusterTrust",
        "HTTPTypes", "Hummingbird", "Logging", "NIOCore", "Registry", "ServiceLifecycle",
        "ServiceSupport", "Synchronization",
      ]
    ),
    (
      "InstanceService",
      [
        "ClusterAPI", "ClusterClient", "ClusterModel", "ClusterTrust", "Glibc",
        "HTTPTypes", "Hosting", "Hummingbird", "Logging", "NIOCore", "NIOPosix", "ServiceLifecycle",
        "ServiceSupport", "SmallFiles", "Synchronization",
      ]
    ),
    ("TerminalScreen", ["CNcurses", "CTerminalGuard", "CellGrid", "Glibc", "Synchronization"]),
    (
      "DemoCluster",
      [
        "BalancerService", "ClusterAPI", "ClusterClient", "ClusterModel",
        "FoundationEssentials", "Glibc", "InstanceService", "Logging", "NIOCore", "NIOPosix",
        "Registry", "ServiceLifecycle", "ServiceSupport", "SmallFiles", "Synchronization",
      ]
    ),
    (
      "ProgramSupport",
      [
        "ArgumentParser", "CStandardDescriptors", "ClusterAPI", "ClusterClient", "ClusterModel",
        "Configuration", "Dispatch", "Glibc", "SmallFiles", "Synchronization",
      ]
    ),
    (
      "AOSTop",
      [
        "ArgumentParser", "CProcessMemory", "CellGrid", "ClusterAPI", "ClusterClient",
        "ClusterModel", "Dashboard", "Dispatch", "FoundationEssentials", "Glibc", "ProgramSupport",
        "Recordings", "SmallFiles", "Synchronization", "TerminalScreen",
      ]
    ),
    (
      "AOSControl",
      [
        "ArgumentParser", "CellGrid", "ClusterAPI", "ClusterClient", "ClusterModel",
        "ClusterTrust", "Dispatch", "FoundationEssentials", "Glibc", "ProgramSupport", "SmallFiles",
        "Synchronization",
      ]
    ),
    (
      "AOSDaemon",
      [
        "ArgumentParser", "BalancerService", "ClusterAPI", "ClusterClient", "ClusterModel",
        "ClusterTrust", "DemoCluster", "Dispatch", "FoundationEssentials",
        "Glibc", "InstanceService", "Logging", "ProgramSupport", "Registry",
        "ServiceLifecycle", "ServiceSupport", "SmallFiles",
        "Synchronization", "UnixSignals",
      ]
    ),
    ("SwiftClient", ["ClusterAPI", "ClusterClient", "Dispatch", "Glibc"]),
    ("SwiftOperator", ["ClusterAPI", "ClusterClient", "ClusterModel", "Glibc"]),
    ("SimulateCluster", ["ClusterSimulation", "Glibc"]),
    ("RealPrograms", ["ClusterModel", "FoundationEssentials", "Glibc", "NIOCore", "NIOPosix"]),
    (
      "ClusterBenchmarks",
      [
        "ClusterAPI", "ClusterClient", "ClusterModel", "FoundationEssentials", "Glibc",
        "Histogram", "Hummingbird", "Logging", "NIOCore", "NIOPosix", "RealPrograms",
        "Synchronization",
      ]
    ),
    (
      "SoakCluster",
      [
        "ClusterAPI", "ClusterClient", "ClusterModel", "Glibc", "NIOCore", "NIOPosix",
        "RealPrograms", "Synchronization",
      ]
    ),
  ]

  /// Modules that have one door into the house, so that another can take their place.
  static let doors: [(module: String, targets: Set<String>)] = [
    ("CNcurses", ["TerminalScreen"]),
    ("CProcessMemory", ["AOSTop"]),
    ("CStandardDescriptors", ["ProgramSupport"]),
    ("CTerminalGuard", ["TerminalScreen"]),
    ("AsyncHTTPClient", ["ClusterClient"]),
    ("GRDB", ["Registry"]),
    ("CPostgres", ["Registry"]),
    ("JWTKit", ["ClusterTrust"]),
    ("Crypto", ["ClusterTrust"]),
    ("Configuration", ["ProgramSupport"]),
    // The benchmarks hold the balancer against a bare server of the same kind.
    (
      "Hummingbird", ["BalancerService", "ClusterBenchmarks", "InstanceService", "ServiceSupport"]
    ),
    ("HummingbirdCore", ["ServiceSupport"]),
    ("HummingbirdTLS", ["ServiceSupport"]),
    ("NIOSSL", ["ClusterClient", "ServiceSupport"]),
    ("Histogram", ["ClusterBenchmarks"]),
    ("ArgumentParser", ["AOSControl", "AOSDaemon", "AOSTop", "ProgramSupport"]),
    // One stray import of all of Foundation costs 50 MB in a program that is started over ssh.
    ("Foundation", []),
  ]

  @Test("the floors are the targets of Package.swift")
  func complete() throws {
    let declared = try DeclaredTarget.all(in: .shared).filter { !$0.isForTests }
    #expect(declared.count > 15)
    #expect(Set(declared.map(\.name)) == Set(Self.floors.map(\.target)))
    let folders = Set(House.shared.files.filter(\.isSource).map(\.target))
    #expect(folders == Set(declared.map(\.name)))
  }

  @Test("every arrow goes down, so there is no cycle")
  func down() {
    let order = Self.floors.map(\.target)
    for (place, floor) in Self.floors.enumerated() {
      let higher = floor.imports.intersection(order[place...])
      #expect(higher.isEmpty, "\(floor.target) leans on \(higher.sorted())")
    }
  }

  @Test("a target imports what its floor allows, and nothing else")
  func imports() {
    let allowed = Dictionary(uniqueKeysWithValues: Self.floors.map { ($0.target, $0.imports) })
    for file in House.shared.sources {
      let more = Set(file.imports).subtracting(allowed[file.target] ?? [])
      #expect(more.isEmpty, "\(file.path) imports \(more.sorted())")
    }
  }

  @Test("Package.swift declares no arrow that the floors do not have")
  func declared() throws {
    let house = Set(Self.floors.map(\.target))
    let allowed = Dictionary(uniqueKeysWithValues: Self.floors.map { ($0.target, $0.imports) })
    for target in try DeclaredTarget.all(in: .shared) where !target.isForTests {
      let more = target.dependencies.subtracting(allowed[target.name] ?? [])
      #expect(more.isEmpty, "\(target.name) depends on \(more.sorted())")
      let used = Set(
        House.shared.sources.filter { $0.target == target.name }.flatMap(\.imports))
      let hidden = used.intersection(house).subtracting(target.dependencies)
      #expect(hidden.isEmpty, "\(target.name) imports \(hidden.sorted()) undeclared")
    }
  }

  @Test("a module with one door comes in by no other")
  func oneDoor() {
    for (module, targets) in Self.doors {
      let importers = House.shared.sources.filter {
        $0.imports.contains(module) && !targets.contains($0.target)
      }.map(\.path)
      #expect(importers == [], "\(module) has one door")
    }
  }

  @Test(
    "aostop and aosctl link no server and no database; aostop signs nothing either",
    arguments: [
      ("AOSTop", ["Hummingbird", "GRDB", "CPostgres", "Registry", "JWTKit", "Crypto"]),
      ("AOSControl", ["Hummingbird", "GRDB", "CPostgres", "Registry"]),
    ])
  func lean(program: String, shunned: [String]) throws {
    let arrows = Dictionary(uniqueKeysWithValues: Self.floors.map { ($0.target, $0.imports) })
    var reached: Set = [program]
    var next = reached
    while !next.isEmpty {
      next = Set(next.flatMap { arrows[$0] ?? [] }).subtracting(reached)
      reached.formUnion(next)
    }
    #expect(reached.count > 5)
    #expect(reached.isDisjoint(with: shunned))
  }
}

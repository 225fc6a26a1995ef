// swift-tools-version: 6.2
import PackageDescription

/// Every Swift target is held to these: no implicit existential, no import that leaks, no warning.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// Two thirds of what `aostop` has in memory is its own code and what the loader makes of it. So no
/// symbol of it is offered to libraries, relocations are packed, equal functions are one, and of
/// the C++ library it has what it needs inside.
let lean: [LinkerSetting] = [
  .unsafeFlags(
    ["-use-ld=lld", "-L", "\(Context.packageDirectory)/Packaging/link"]
      + ["-z", "pack-relative-relocs", "--icf=safe", "--no-export-dynamic"]
      .flatMap { ["-Xlinker", $0] } + ["-Xclang-linker", "-static-libgcc"],
    .when(platforms: [.linux], configuration: .release))
]

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")
let asyncHTTPClient = Target.Dependency.product(
  name: "AsyncHTTPClient", package: "async-http-client")
let configuration = Target.Dependency.product(
  name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let histogram = Target.Dependency.product(name: "Histogram", package: "hdrhistogram-swift")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(
  name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let nioHTTPTypes = Target.Dependency.product(
  name: "NIOHTTPTypes", package: "swift-nio-extras")
let jwtKit = Target.Dependency.product(name: "JWTKit", package: "jwt-kit")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let heapModule = Target.Dependency.product(name: "HeapModule", package: "swift-collections")
let dequeModule = Target.Dependency.product(
  name: "DequeModule", package: "swift-collections")
let serviceLifecycle = Target.Dependency.product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(
  name: "UnixSignals", package: "swift-service-lifecycle")

let package = Package(
  name: "aostop",
  products: [
    .executable(name: "aostop", targets: ["AOSTop"]),
    .executable(name: "aosctl", targets: ["AOSControl"]),
    .executable(name: "aosd", targets: ["AOSDaemon"]),
    // With the modules of the values that it takes and gives.
    .library(name: "ClusterClient", targets: ["ClusterClient", "ClusterAPI", "ClusterModel"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
    // Traits off throughout: the default ones link all of Foundation.
    .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: []),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    .package(url: "https://github.com/vapor/jwt-kit", from: "5.7.0"),
  ],
  targets: [
    // ground
    .target(name: "ClusterModel", swiftSettings: strict),
    .target(name: "CellGrid", swiftSettings: strict),
    .target(name: "SmallFiles", dependencies: ["ClusterModel"], swiftSettings: strict),
    .systemLibrary(name: "CNcurses"),  // no pkgConfig: it warns on Debian 12
    .systemLibrary(name: "CPostgres"),
    .target(name: "CProcessMemory", cSettings: [.treatAllWarnings(as: .error)]),
    .target(name: "CStandardDescriptors", cSettings: [.treatAllWarnings(as: .error)]),
    .target(name: "CTerminalGuard", cSettings: [.treatAllWarnings(as: .error)]),

    // pure
    .target(
      name: "Balancing", dependencies: ["ClusterModel", dequeModule],
      swiftSettings: strict),
    .target(name: "Hosting", dependencies: ["ClusterModel"], swiftSettings: strict),
    .target(name: "Dashboard", dependencies: ["ClusterModel", "CellGrid"], swiftSettings: strict),

    // wire
    .target(name: "ClusterAPI", dependencies: ["ClusterModel"], swiftSettings: strict),

    // edges
    .target(
      name: "Recordings", dependencies: ["ClusterAPI", "ClusterModel", "Dashboard"],
      swiftSettings: strict),
    .target(
      name: "ClusterTrust", dependencies: ["ClusterModel", crypto, jwtKit],
      swiftSettings: strict),
    .target(
      name: "ClusterClient",
      dependencies: [
        "ClusterAPI", "ClusterModel", "SmallFiles", asyncHTTPClient, nioCore,
        nioHTTP1, nioPosix, nioSSL,
      ],
      swiftSettings: strict),
    .target(
      name: "Registry", dependencies: ["CPostgres", "ClusterModel", "SmallFiles", grdb, logging],
      swiftSettings: strict),
    .target(
      name: "ServiceSupport",
      dependencies: [
        "ClusterAPI", "ClusterModel", "SmallFiles", httpTypes, hummingbird,
        hummingbirdCore, hummingbirdTLS, logging, nioCore, nioEmbedded, nioHTTP1, nioHTTPTypes,
        nioPosix, nioSSL, serviceLifecycle,
      ],
      // A link: the document has one place, and the daemons carry it inside.
      resources: [.embedInCode("openapi.yaml")], swiftSettings: strict),
    .target(
      name: "BalancerService",
      dependencies: [
        "Balancing", "ClusterAPI", "ClusterClient", "ClusterModel", "ClusterTrust", "Registry",
        "ServiceSupport", httpTypes, hummingbird, logging, nioCore, serviceLifecycle,
      ],
      swiftSettings: strict),
    .target(
      name: "InstanceService",
      dependencies: [
        "ClusterAPI", "ClusterClient", "ClusterModel", "ClusterTrust", "Hosting",
        "ServiceSupport", "SmallFiles", hummingbird, logging, nioCore, nioPosix,
        serviceLifecycle,
      ],
      swiftSettings: strict),
    .target(
      name: "TerminalScreen", dependencies: ["CellGrid", "CNcurses", "CTerminalGuard"],
      swiftSettings: strict),

    // programs
    .target(
      name: "ProgramSupport",
      dependencies: [
        "CStandardDescriptors", "ClusterAPI", "ClusterClient", "ClusterModel", "SmallFiles",
        argumentParser, configuration,
      ],
      swiftSettings: strict),
    .target(
      name: "DemoCluster",
      dependencies: [
        "BalancerService", "ClusterAPI", "ClusterClient", "ClusterModel", "InstanceService",
        "Registry", "ServiceSupport", "SmallFiles", logging, nioCore, nioPosix, serviceLifecycle,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "AOSTop",
      dependencies: [
        "CProcessMemory", "CellGrid", "ClusterAPI", "ClusterClient", "ClusterModel", "Dashboard",
        "ProgramSupport", "Recordings", "SmallFiles", "TerminalScreen", argumentParser,
      ],
      swiftSettings: strict, linkerSettings: lean),
    .executableTarget(
      name: "AOSControl",
      dependencies: [
        "CellGrid", "ClusterAPI", "ClusterClient", "ClusterModel", "ClusterTrust", "ProgramSupport",
        "SmallFiles", argumentParser,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "AOSDaemon",
      dependencies: [
        "BalancerService", "ClusterAPI", "ClusterClient", "ClusterModel", "ClusterTrust",
        "DemoCluster", "InstanceService", "ProgramSupport", "Registry", "ServiceSupport",
        "SmallFiles", argumentParser, logging, serviceLifecycle, unixSignals,
      ],
      swiftSettings: strict),

    // `examples/`: what others build on the library, as the tests run it; not installed
    .executableTarget(
      name: "SwiftClient", dependencies: ["ClusterAPI", "ClusterClient"],
      path: "examples/SwiftClient", swiftSettings: strict),
    .executableTarget(
      name: "SwiftOperator", dependencies: ["ClusterAPI", "ClusterClient", "ClusterModel"],
      path: "examples/SwiftOperator", swiftSettings: strict),

    // `make simulate`: seeded runs of the pure machines among faults; not installed
    .target(
      name: "ClusterSimulation",
      dependencies: ["Balancing", "ClusterModel", "Hosting", dequeModule, heapModule],
      path: "Benchmarks/ClusterSimulation", swiftSettings: strict),
    .executableTarget(
      name: "SimulateCluster", dependencies: ["ClusterSimulation"],
      path: "Benchmarks/SimulateCluster", swiftSettings: strict),

    // `make bench` and `make soak`: the programs as processes of their own; not installed
    .target(
      name: "RealPrograms", dependencies: ["ClusterModel", nioCore, nioPosix],
      path: "Benchmarks/RealPrograms", swiftSettings: strict),
    .executableTarget(
      name: "ClusterBenchmarks",
      dependencies: [
        "ClusterAPI", "ClusterClient", "ClusterModel", "RealPrograms", histogram, hummingbird,
        logging, nioCore, nioPosix,
      ],
      path: "Benchmarks/ClusterBenchmarks", swiftSettings: strict),
    .executableTarget(
      name: "SoakCluster",
      dependencies: [
        "ClusterAPI", "ClusterClient", "ClusterModel", "RealPrograms", nioCore, nioPosix,
      ],
      path: "Benchmarks/SoakCluster", swiftSettings: strict),

    // for tests alone: a server that does what a script says
    .target(
      name: "ScriptedServer",
      dependencies: ["ClusterAPI", "ClusterClient", "ClusterModel", nioCore, nioPosix],
      path: "Tests/ScriptedServer", swiftSettings: strict),

    // for tests alone: waiting for what comes by itself
    .target(
      name: "TestSupport", dependencies: ["ClusterAPI", "ClusterClient", "ClusterModel"],
      path: "Tests/TestSupport", swiftSettings: strict),

    // tests: one target for each floor, and three for the whole
    .testTarget(name: "ClusterModelTests", dependencies: ["ClusterModel"], swiftSettings: strict),
    .testTarget(name: "CellGridTests", dependencies: ["CellGrid"], swiftSettings: strict),
    .testTarget(
      name: "TerminalScreenTests", dependencies: ["CellGrid", "RealPrograms", "TerminalScreen"],
      swiftSettings: strict),
    .testTarget(
      name: "DashboardTests",
      dependencies: ["CellGrid", "ClusterModel", "Dashboard", "Recordings"],
      exclude: ["Pictures"], swiftSettings: strict),
    .testTarget(
      name: "BalancingTests", dependencies: ["Balancing", "ClusterModel"], swiftSettings: strict),
    .testTarget(
      name: "HostingTests", dependencies: ["ClusterModel", "Hosting"], swiftSettings: strict),
    .testTarget(
      name: "ClusterSimulationTests", dependencies: ["ClusterModel", "ClusterSimulation"],
      swiftSettings: strict),
    .testTarget(
      name: "ClusterAPITests", dependencies: ["ClusterAPI", "ClusterModel"],
      exclude: ["Recorded"], swiftSettings: strict),
    .testTarget(
      name: "ClusterTrustTests", dependencies: ["ClusterModel", "ClusterTrust", crypto],
      swiftSettings: strict),
    .testTarget(
      name: "ClusterClientTests",
      dependencies: [
        "ClusterAPI", "ClusterClient", "ClusterModel", "ScriptedServer", nioCore, nioEmbedded,
        nioHTTP1,
      ],
      exclude: ["Samples"], swiftSettings: strict),
    .testTarget(
      name: "RegistryTests", dependencies: ["ClusterModel", "Registry", "TestSupport", grdb],
      swiftSettings: strict),
    // Real daemons on loopback sockets: the rules of the cluster.
    .testTarget(
      name: "ClusterTests",
      dependencies: [
        "Balancing", "BalancerService", "ClusterAPI", "ClusterClient", "ClusterModel",
        "ClusterTrust", "DemoCluster", "InstanceService", "Registry", "ScriptedServer",
        "ServiceSupport", "TestSupport", httpTypes, logging, nioCore, nioEmbedded, nioHTTP1,
        nioPosix,
      ],
      swiftSettings: strict),
    // The programs as they are started, tmux included.
    .testTarget(
      name: "ProgramTests",
      dependencies: [
        "AOSTop", "AOSControl", "AOSDaemon", "ClusterAPI", "ClusterClient", "ClusterModel",
        "ClusterTrust", "Dashboard", "ProgramSupport", "RealPrograms", "Recordings", "Registry",
        "ScriptedServer", "SmallFiles", "SwiftClient", "SwiftOperator", "TestSupport",
        argumentParser, logging,
      ],
      exclude: ["Recorded"], swiftSettings: strict),
    // Broken inputs for every parser: `make fuzz`.
    .testTarget(
      name: "FuzzTests",
      dependencies: [
        "AOSTop", "CellGrid", "ClusterAPI", "ClusterClient", "ClusterModel", "ClusterTrust",
        "Dashboard", "ProgramSupport", "Recordings", "Registry", "ScriptedServer", "SmallFiles",
        "TerminalScreen",
      ],
      swiftSettings: strict),
    // The house itself: arrows, lengths, left-overs.
    .testTarget(name: "ArchitectureTests", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)

/// Suites that speak to sockets, processes and terminals. `make test` builds them for release, as
/// what ships, and the others, the pure ones, for debugging. `AOSTOP_SUITES` names the halves and
/// the targets that a build shall have, such as `pure,RegistryTests`; without it all are built.
let outside: Set = [
  "ClusterClientTests", "ClusterTests", "FuzzTests", "ProgramTests", "RegistryTests",
  "TerminalScreenTests",
]
if let wanted = Context.environment["AOSTOP_SUITES"]?.split(separator: ",").map(String.init) {
  package.targets.removeAll { target in
    let half = outside.contains(target.name) ? "outside" : "pure"
    return target.type == .test && !wanted.contains(half) && !wanted.contains(target.name)
  }
}

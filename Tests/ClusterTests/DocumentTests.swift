import BalancerService
import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import Logging
import Registry
import ServiceSupport
import Testing

/// The description of the routes says what the daemons do.
@Suite("The HTTP document", .timeLimit(.minutes(1)))
struct DocumentTests {
  /// One operation at one daemon.
  struct Operation: Hashable, CustomStringConvertible {
    var daemon: String
    var method: String
    var path: String
    var access: String

    var description: String { "\(daemon) \(method) \(path) (\(access))" }
  }

  @Test("every route of a balancer is in the document, and no other")
  func balancer() throws {
    let routes = Self.operations(try Self.balancerRoutes(), of: "balancer")
    let described = try Self.described("balancer")
    #expect(routes.count > 20)
    #expect(routes.subtracting(described) == [])
    #expect(described.subtracting(routes) == [])
  }

  @Test("every route of an instance is in the document, and no other")
  func instance() async throws {
    let routes = Self.operations(try await Self.instanceRoutes(), of: "instance")
    let described = try Self.described("instance")
    #expect(routes.count > 8)
    #expect(routes.subtracting(described) == [])
    #expect(described.subtracting(routes) == [])
  }

  @Test("every problem is in the document with its status, and no other")
  func problems() throws {
    let listed = try Self.lines().compactMap { line -> String? in
      guard let found = line.range(of: "- urn:aos:problem:") else { return nil }
      return String(line[found.upperBound...])
    }
    let known = ProblemName.allCases.map { "\($0.rawValue)  # \($0.status)" }
    #expect(listed == known)
  }

  @Test("the document forbids in names what the model forbids")
  func names() throws {
    let range = try Regex(
      #"\\u([0-9a-f]{4})(?:-\\u([0-9a-f]{4}))?"#,
      as: (Substring, Substring, Substring?).self)
    let pattern = try #require(try Self.lines().first { $0.contains("pattern: &plain") })
    let listed = try pattern.matches(of: range).reduce(into: Set<UInt32>()) { listed, match in
      let first = try #require(UInt32(match.1, radix: 16))
      let last = try #require(UInt32(match.2 ?? match.1, radix: 16))
      listed.formUnion(first...last)
    }
    let forbidden = (UInt32(0)...0x10_FFFF).filter { number in
      Unicode.Scalar(number).map(PlainText.isForbidden) == true
    }
    #expect(listed.sorted() == forbidden)
  }

  @Test("both daemons serve the document as it is in the repository, without a token")
  func served() async throws {
    let own = try Data(contentsOf: Self.file)
    try await LiveCluster.run { cluster in
      try await cluster.start("AOS01")
      for connection in [cluster.clients, try cluster.instance("AOS01")] {
        let answer = try await connection.raw(.get, "/openapi.yaml")
        #expect(answer.status == 200)
        #expect(Data(answer.bytes) == own)
      }
    }
  }

  // MARK: Reading

  /// The routes of a balancer that never runs.
  static func balancerRoutes() throws -> [ServiceRoute] {
    let daemon = try BalancerDaemon(
      BalancerConfiguration(
        id: InstanceID("LB1"), cluster: "TEST", listen: ("127.0.0.1", 0), registryKind: "sqlite",
        openRegistry: { () throws(RegistryFailure) in throw .unavailable("not needed") },
        logger: Logger(label: "test")))
    return daemon.routes
  }

  /// The routes of an instance that never runs.
  static func instanceRoutes() async throws -> [ServiceRoute] {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let daemon = try await InstanceDaemon(
      InstanceConfiguration(
        id: InstanceID("AOS01"), profile: InstanceProfile(role: .server(.both), ownMaximum: 1),
        listen: ("127.0.0.1", 0),
        stateDirectory: folder.path, logger: Logger(label: "test")))
    return daemon.routes
  }

  static let file = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../Documentation/openapi.yaml").standardized

  static func lines() throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
  }

  private static func operations(
    _ routes: [ServiceRoute], of daemon: String
  ) -> Set<Operation> {
    let all = routes.map { route in
      let parts = route.path.split(separator: "/").map { part in
        part.first == ":" ? "{\(part.dropFirst())}" : String(part)
      }
      return Operation(
        daemon: daemon, method: "\(route.method)", path: "/" + parts.joined(separator: "/"),
        access: "\(route.access)")
    }
    #expect(Set(all).count == all.count, "a route is given twice")
    return Set(all)
  }

  /// The operations that the document gives to a daemon. Reads the document's own layout, not
  /// any YAML: paths stand at two spaces, methods at four, what belongs to them at six.
  private static func described(_ daemon: String) throws -> Set<Operation> {
    var operations: Set<Operation> = []
    var path = ""
    var method = ""
    var daemons: [String] = []
    let from = try lines().drop { $0 != "paths:" }.dropFirst()
    for line in from.prefix(while: { $0.isEmpty || $0.hasPrefix(" ") }) {
      let words = line.split(separator: " ", maxSplits: 1).map(String.init)
      switch line.prefix(while: { $0 == " " }).count {
      case 2: path = String(words[0].dropLast())
      case 4: method = words[0].dropLast().uppercased()
      case 6 where words[0] == "x-served-by:":
        daemons = words[1].trimmingCharacters(in: ["[", "]"]).components(separatedBy: ", ")
      case 6 where words[0] == "x-access:" && daemons.contains(daemon):
        operations.insert(
          Operation(daemon: daemon, method: method, path: path, access: words[1]))
      case 6 where words[0] == "x-access-\(daemon):":
        operations = operations.filter { $0.path != path || $0.method != method }
        operations.insert(
          Operation(daemon: daemon, method: method, path: path, access: words[1]))
      default: break
      }
    }
    return operations
  }
}

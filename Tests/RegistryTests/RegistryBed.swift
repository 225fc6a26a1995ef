import Foundation
import Synchronization
import Testing

@testable import ClusterModel
@testable import Registry

/// A kind of database, and how the suite gets an empty one.
struct RegistryKind: Sendable, CustomTestStringConvertible {
  let name: String
  let makeBed: @Sendable () throws -> RegistryBed

  var testDescription: String { name }

  /// Every database that the suite holds to the protocol.
  static let all = [
    RegistryKind(name: "sqlite") {
      let folder = try Folder()
      return RegistryBed { cluster in
        try await DatabaseRegistry.open(
          folder.path + "/cluster.db", cluster: cluster, options: .quick)
      }
    },
    RegistryKind(name: "postgres") {
      let database = try PostgresServer.shared.get().makeDatabase()
      return RegistryBed { cluster in
        try await DatabaseRegistry.open(database, cluster: cluster, options: .quick)
      }
    },
  ]
}

/// An empty database for one test. Every `open` is a connection of its own, as another process
/// would have it.
struct RegistryBed: Sendable {
  /// What the release before licenses did not have.
  static let licenseColumns = [
    (table: "cluster", name: "license_document"), (table: "cluster", name: "license_holder"),
    (table: "cluster", name: "license_seats"), (table: "cluster", name: "license_expires_at"),
    (table: "cluster", name: "license_ended_by"), (table: "instance", name: "unlicensed_reason"),
    (table: "request", name: "digest"), (table: "request", name: "note"),
    (table: "instance", name: "owner"), (table: "instance", name: "owner_name"),
    (table: "instance", name: "admission_by_kind"), (table: "instance", name: "asked_at"),
    (table: "token", name: "expires_at"), (table: "token", name: "most_instances"),
    (table: "action", name: "actor_kind"), (table: "action", name: "times"),
    (table: "action", name: "ordinal"), (table: "action", name: "of_instance"),
    (table: "instance", name: "zone"), (table: "instance", name: "agent_address"),
  ]

  /// Indices on such columns, which go first.
  static let laterIndices = ["action_by_ordinal", "action_of_instance"]

  private let opening: @Sendable (String) async throws -> any ClusterRegistry

  init(open opening: @escaping @Sendable (String) async throws -> any ClusterRegistry) {
    self.opening = opening
  }

  func open(cluster: String = "PROD") async throws -> any ClusterRegistry {
    try await opening(cluster)
  }
}

/// A directory of this test alone. All of them go with the test process.
struct Folder: Sendable {
  let path: String

  private static let root: String = {
    let url = FileManager.default.temporaryDirectory.appending(path: "aos-\(UUID().uuidString)")
    atexit { try? FileManager.default.removeItem(atPath: Folder.root) }
    return url.path
  }()

  init() throws {
    path = "\(Self.root)/\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  /// Moves the three files of a SQLite database out of the way, or back.
  func move(_ name: String, to other: String) throws {
    for ending in ["", "-wal", "-shm"] {
      let from = "\(path)/\(name)\(ending)"
      guard FileManager.default.fileExists(atPath: from) else { continue }
      try? FileManager.default.removeItem(atPath: "\(path)/\(other)\(ending)")
      try FileManager.default.moveItem(atPath: from, toPath: "\(path)/\(other)\(ending)")
    }
  }
}

extension SQLiteOptions {
  /// Polls often, since tests wait for what a poll finds; waits for locks as long as it takes.
  static var quick: SQLiteOptions {
    var options = SQLiteOptions()
    options.pollMilliseconds = 5
    options.busyTimeoutMilliseconds = 60_000
    return options
  }

  /// Waits for no lock.
  static var impatient: SQLiteOptions {
    var options = quick
    options.busyTimeoutMilliseconds = 1
    return options
  }
}

extension AsyncStream<RegistrySignal>.Iterator {
  /// The next signal other than this one.
  mutating func next(past ignored: RegistrySignal) async -> RegistrySignal? {
    while let signal = await next() {
      if signal != ignored { return signal }
    }
    return nil
  }
}

let noon = Timestamp("2026-03-01T12:00:00.000Z")!

struct RefusedChange: Error, Equatable {
  var words: String
}

/// An accepting application server.
func server(_ id: String, host: String = "127.0.0.1", at: Timestamp = noon) throws
  -> RegisteredInstance
{
  RegisteredInstance(
    id: try InstanceID(id), reach: try InstanceReach(Address("\(host):2712")),
    profile: InstanceProfile(role: .server(.application), ownMaximum: 60),
    record: AdmissionRecord(.accepting, at: at, by: id), registration: 0, seat: 1, revision: 0)
}

extension ClusterRegistry {
  /// A change without a request id, at noon.
  @discardableResult
  func change(
    _ decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) async throws -> RegistryCommit {
    try await change(nil, at: noon, actor: "alice", decide: decide)
  }

  /// Registers accepting servers.
  @discardableResult
  func add(_ ids: String...) async throws -> RegistryCommit {
    try await change { contents in
      for id in ids {
        let row = try server(id)
        contents.instances[row.id] = row
      }
      return []
    }
  }

  /// Drains a server, but never the last one.
  @discardableResult
  func drain(_ id: InstanceID) async throws -> RegistryCommit {
    try await change { contents in
      let others = contents.members.filter { $0.id != id && $0.admission == .accepting }
      guard !others.isEmpty else { throw RefusedChange(words: "the last server") }
      contents.instances[id]?.admission = .rejecting
      return [ActionDraft(.drain, instance: id, result: "drained")]
    }
  }
}

/// Opens a door once; those in front of it wait on their own thread or task.
final class Gate: Sendable {
  private let semaphore = DispatchSemaphore(value: 0)

  func open() { semaphore.signal() }
  func wait() { semaphore.wait() }
}

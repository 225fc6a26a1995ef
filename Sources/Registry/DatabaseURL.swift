package import ClusterModel

/// The place of the registry, as `--database` names it: `sqlite:/var/lib/aos/cluster.db`, or
/// `sqlite:cluster.db` relative to the working directory, or `postgres://user@host/aos`.
package enum DatabaseURL: Hashable, Sendable {
  /// The kinds of databases, by their names in the status and the log.
  package enum Kind: String, Sendable {
    case sqlite
    case postgres
  }

  /// The path of the file. A relative path begins with `./`, so that SQLite never reads it as a URI
  /// or as one of its special names.
  case sqlite(path: String)
  /// A server, which balancers on several machines can share.
  case postgres(PostgresAddress)

  /// The longest path, in bytes: the limit of Linux, minus the suffixes that SQLite appends.
  private static let longestPath = 4_000

  /// - Parameter option: The name of the option, for the error.
  /// - Throws: `InvalidValue` naming `option`.
  package init(_ text: String, option: String = "--database") throws(InvalidValue) {
    let colon = text.firstIndex(of: ":") ?? text.endIndex
    let rest = text[colon...].dropFirst()
    switch text[..<colon] {
    case "sqlite" where colon < text.endIndex:
      self = .sqlite(path: try Self.path(String(rest), option: option))
    case "postgres", "postgresql":
      self = .postgres(try PostgresAddress(rest, option: option))
    default:
      throw InvalidValue(
        field: option, complaint: "must be sqlite:FILE or postgres://USER@HOST/DATABASE")
    }
  }

  private static func path(_ text: String, option: String) throws(InvalidValue) -> String {
    var path = text
    // The long form of a URL, with an empty authority.
    if path.hasPrefix("///") { path.removeFirst(2) }
    guard !path.isEmpty, path.last != "/", !path.hasPrefix("//") else {
      throw InvalidValue(field: option, complaint: "must name a file after sqlite:")
    }
    guard path != ":memory:" else {
      throw InvalidValue(field: option, complaint: "must be a file: memory does not last")
    }
    guard path.utf8.count <= longestPath else {
      throw InvalidValue(field: option, complaint: "is longer than \(longestPath) bytes")
    }
    path = try PlainText.checkedKept(path, field: option, limit: longestPath)
    return path.hasPrefix("/") || path.hasPrefix("./") ? path : "./" + path
  }

  package var kind: Kind {
    switch self {
    case .sqlite: .sqlite
    case .postgres: .postgres
    }
  }

  /// Opens the registry of that cluster. If there is none, makes it.
  ///
  /// - Throws: `unavailable` where trying again may help, `unusable` where it cannot.
  package func openRegistry(cluster: String) async throws(RegistryFailure) -> any ClusterRegistry {
    switch self {
    case .sqlite(let path): try await DatabaseRegistry.open(path, cluster: cluster)
    case .postgres(let address): try await DatabaseRegistry.open(address, cluster: cluster)
    }
  }
}

extension DatabaseURL: CustomStringConvertible {
  package var description: String {
    switch self {
    case .sqlite(let path): "sqlite:\(path)"
    case .postgres(let address): address.description
    }
  }
}

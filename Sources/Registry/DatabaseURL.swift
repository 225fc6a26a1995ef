package import ClusterModel

/// Where the registry lives, as `--database` names it: `sqlite:/var/lib/aos/cluster.db`, or
/// relative to the working directory `sqlite:cluster.db`.
package enum DatabaseURL: Hashable, Sendable {
  /// The path of the file. A relative one starts with `./`, so that SQLite never takes it for a
  /// URI or for one of its special names.
  case sqlite(path: String)

  /// Longest path, in bytes: what Linux takes, less the endings that SQLite appends.
  private static let longestPath = 4_000

  /// - Parameter option: Name of the option, for the error.
  /// - Throws: `InvalidValue` naming `option`.
  package init(_ text: String, option: String = "--database") throws(InvalidValue) {
    guard let colon = text.firstIndex(of: ":"), text[..<colon] == "sqlite" else {
      throw InvalidValue(field: option, complaint: "must be sqlite:FILE")
    }
    var path = String(text[text.index(after: colon)...])
    // The long form of a URL, with an empty authority.
    if path.hasPrefix("///") { path.removeFirst(2) }
    guard !path.isEmpty, path.last != "/", !path.hasPrefix("//") else {
      throw InvalidValue(field: option, complaint: "must name a file after sqlite:")
    }
    guard path != ":memory:" else {
      throw InvalidValue(field: option, complaint: "must be a file: memory does not last")
    }
    guard path.utf8.count <= Self.longestPath else {
      throw InvalidValue(field: option, complaint: "is longer than \(Self.longestPath) bytes")
    }
    path = try PlainText.checked(path, field: option, limit: Self.longestPath)
    self = .sqlite(path: path.hasPrefix("/") || path.hasPrefix("./") ? path : "./" + path)
  }

  /// Opens the registry of that cluster there, and makes it where there is none.
  ///
  /// - Throws: `unavailable` where trying again may help, `unusable` where it cannot.
  package func open(cluster: String) async throws(RegistryFailure) -> any ClusterRegistry {
    switch self {
    case .sqlite(let path): try await SQLiteRegistry.open(path, cluster: cluster)
    }
  }
}

extension DatabaseURL: CustomStringConvertible {
  package var description: String {
    switch self {
    case .sqlite(let path): "sqlite:\(path)"
    }
  }
}

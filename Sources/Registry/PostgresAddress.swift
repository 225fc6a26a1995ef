internal import ClusterModel

/// The place of a registry in PostgreSQL. What it does not name (the port, a password file, a
/// service) libpq takes from its environment, as in every program that uses it.
package struct PostgresAddress: Hashable, Sendable {
  /// Nil: `PGUSER`, or the user of the operating system.
  var user: String?
  /// The servers, in the order in which they are tried. Empty: `PGHOST`, or the socket of this
  /// machine.
  var servers: [Server]
  var database: String
  /// More settings of the connection, in the order given.
  var settings: [String: String] = [:]

  /// One of several servers with the same database.
  struct Server: Hashable, Sendable {
    /// A name, an address or, with a slash in front, the folder of a Unix socket. Nil: the default,
    /// as where no server is named.
    var host: String?
    /// Nil: `PGPORT`, or 5432.
    var port: Int?
  }

  /// The settings that may follow the question mark: how the connection is protected, and which of
  /// several servers is used.
  static let knownSettings: Set = [
    protectionMode, "sslrootcert", "sslcert", "sslkey", "passfile", attributes,
  ]
  private static let attributes = "target_session_attrs"
  /// The words of libpq that lead to a server which accepts changes.
  private static let writingAttributes: Set = ["any", "read-write", "primary"]
  private static let protectionMode = "sslmode"
  /// The words of libpq for the protection of the connection, the weakest first.
  private static let protections = [
    "disable", "allow", "prefer", "require", "verify-ca", "verify-full",
  ]
  private static let longestPart = 255
  private static let mostServers = 16

  init(user: String?, servers: [Server], database: String) {
    (self.user, self.servers, self.database) = (user, servers, database)
  }

  /// The default of `sslmode`. The whole configuration, including the cluster's signing key, uses
  /// this connection, so a server on another machine must prove its name. Nil: libpq's default, for
  /// servers of this machine.
  func protection(environment: [String: String]) -> String? {
    guard settings["sslmode"] == nil, environment["PGSSLMODE"] == nil else { return nil }
    let named = servers.compactMap(\.host)
    let hosts =
      named.isEmpty
      ? (environment["PGHOST"] ?? "").split(separator: ",").map(String.init) : named
    let isHere = hosts.allSatisfy { host in
      host.hasPrefix("/") || host.hasPrefix("@") || host == "localhost" || host == "::1"
        || host.hasPrefix("127.")
    }
    return isHere ? nil : "verify-full"
  }

  /// Reads the text after `postgres:`.
  ///
  /// - Throws: `InvalidValue` naming `option`. It never contains a part of the text, which may
  ///   include a password.
  init(_ text: Substring, option: String) throws(InvalidValue) {
    func invalid(_ complaint: String) -> InvalidValue {
      InvalidValue(field: option, complaint: complaint)
    }
    guard text.hasPrefix("//") else {
      throw invalid("must be postgres://USER@HOST[:PORT][,HOST[:PORT]]/DATABASE")
    }
    let rest = text.dropFirst(2)
    let (location, query) = rest.divided(at: "?")
    let (authority, path) = location.divided(at: "/")
    let place: Substring
    if let at = authority.lastIndex(of: "@") {
      let name = authority[..<at]
      guard !name.contains(":") else {
        throw invalid(
          "must not contain a password: everybody would see it. Put it into a password file "
            + "(~/.pgpass, or PGPASSFILE)")
      }
      user = try Self.part(name, of: "user", option: option)
      place = authority[authority.index(after: at)...]
    } else {
      place = authority
    }
    servers = try Self.servers(place, option: option)
    guard let path, !path.isEmpty, !path.contains("/") else {
      throw invalid("must name a database after the host: postgres://USER@HOST/DATABASE")
    }
    database = try Self.part(path, of: "database", option: option)
    settings = try Self.settings(query, option: option)
  }

  /// `host:port,host:port`, each with or without its port.
  private static func servers(
    _ text: Substring, option: String
  ) throws(InvalidValue) -> [Server] {
    guard !text.isEmpty else { return [] }
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count <= mostServers else {
      throw InvalidValue(field: option, complaint: "names more than \(mostServers) servers")
    }
    var servers: [Server] = []
    for part in parts {
      let server = try server(part, option: option)
      guard server.host != nil || parts.count == 1 else {
        throw InvalidValue(field: option, complaint: "names a server without a host")
      }
      servers.append(server)
    }
    return servers
  }

  private static func server(
    _ text: Substring, option: String
  ) throws(InvalidValue) -> Server {
    let (hostText, portText) = hostAndPort(text)
    var server = Server()
    if !hostText.isEmpty {
      let host = try part(hostText, of: "host", option: option)
      // libpq would read a comma as a list of hosts.
      guard !host.contains(",") else {
        throw InvalidValue(field: option, complaint: "has a host that cannot be read")
      }
      server.host = host
    }
    if let portText {
      guard let number = Int(portText), (1...65_535).contains(number) else {
        throw InvalidValue(
          field: option, complaint: "must have a port from 1 to 65535 for each server, or none")
      }
      server.port = number
    }
    return server
  }

  /// `host:port`, where an IPv6 address is in brackets.
  private static func hostAndPort(_ text: Substring) -> (Substring, port: Substring?) {
    if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
      let rest = text[text.index(after: end)...]
      let host = text[text.index(after: text.startIndex)..<end]
      return (host, rest.isEmpty ? nil : rest.hasPrefix(":") ? rest.dropFirst() : "?")
    }
    return text.divided(at: ":")
  }

  private static func settings(
    _ query: Substring?, option: String
  ) throws(InvalidValue) -> [String: String] {
    var settings: [String: String] = [:]
    for pair in query?.split(separator: "&") ?? [] {
      let (name, value) = pair.divided(at: "=")
      guard let value, knownSettings.contains(String(name)), settings[String(name)] == nil else {
        let names = knownSettings.sorted().joined(separator: ", ")
        throw InvalidValue(
          field: option, complaint: "may set each of these once, and nothing else: \(names)")
      }
      settings[String(name)] = try part(value, of: String(name), option: option)
    }
    if let mode = settings[protectionMode], !protections.contains(mode) {
      throw InvalidValue(
        field: option,
        complaint: "must set \(protectionMode) to one of \(protections.joined(separator: ", "))")
    }
    if let wanted = settings[attributes], !writingAttributes.contains(wanted) {
      let words = writingAttributes.sorted().joined(separator: ", ")
      throw InvalidValue(
        field: option,
        complaint: "needs a server that takes changes: \(attributes) must be one of \(words)")
    }
    return settings
  }

  /// A part with its percent escapes decoded.
  private static func part(
    _ text: Substring, of name: String, option: String
  ) throws(InvalidValue) -> String {
    guard let plain = PercentEncoding.decoded(text), !plain.isEmpty, plain.count <= longestPart,
      !plain.unicodeScalars.contains(where: PlainText.isForbidden)
    else { throw InvalidValue(field: option, complaint: "has a \(name) that cannot be read") }
    return plain
  }
}

extension PostgresAddress: CustomStringConvertible {
  /// The address without the settings, so that an operator knows which database is meant.
  package var description: String {
    let shown = servers.map(\.description).joined(separator: ",")
    return "postgres://\(user.map { $0 + "@" } ?? "")\(shown)/\(database)"
  }
}

extension PostgresAddress.Server: CustomStringConvertible {
  var description: String {
    let shownHost = host.map { $0.contains(":") ? "[\($0)]" : $0 } ?? ""
    return shownHost + (port.map { ":\($0)" } ?? "")
  }
}

extension Substring {
  /// The text before and after the first separator; nil where there is none.
  fileprivate func divided(at separator: Character) -> (Substring, Substring?) {
    guard let place = firstIndex(of: separator) else { return (self, nil) }
    return (self[..<place], self[index(after: place)...])
  }
}

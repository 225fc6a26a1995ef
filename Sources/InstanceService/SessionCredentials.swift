internal import ClusterAPI

/// What a `CONNECT` shows (`Proxy-Authorization`).
enum SessionCredentials: Equatable {
  /// A connection in a session that is open.
  case session(String, secret: String)
  /// A session of its own, for this user.
  case user(String)

  /// - Parameter fields: The values of the header.
  /// - Throws: `Problem` with the status of a proxy.
  init(_ fields: [String]) throws {
    guard let field = fields.first, fields.count == 1 else {
      throw Problem.noSession(
        "CONNECT needs Proxy-Authorization: Basic, with SESSION:SECRET or USER: behind it.")
    }
    guard let shown = BasicCredentials(field: field), !shown.name.isEmpty else {
      throw Problem.noSession("Proxy-Authorization is not Basic with SESSION:SECRET or USER:.")
    }
    self =
      shown.password.isEmpty
      ? .user(shown.name) : .session(shown.name, secret: shown.password)
  }
}

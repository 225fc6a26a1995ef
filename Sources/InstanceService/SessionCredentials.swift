internal import ClusterAPI

/// The credentials of a `CONNECT` (`Proxy-Authorization`).
enum SessionCredentials: Equatable {
  /// For a connection in an open session.
  case session(String, secret: String)
  /// For a separate session for this user.
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

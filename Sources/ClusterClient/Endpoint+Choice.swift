public import ClusterModel

extension Endpoint {
  /// The environment variable that names endpoints: one, or several separated by blanks.
  public static let environmentName = "AOS_BALANCER"

  /// The endpoints for a program: those on its command line, otherwise those of `$AOS_BALANCER`,
  /// otherwise the sockets where a balancer of this machine listens.
  ///
  /// - Throws: `InvalidValue` naming the variable or `endpoint`.
  public static func choose(
    named: [String], environment: [String: String]
  ) throws(InvalidValue) -> [Endpoint] {
    if !named.isEmpty { return try list(named) }
    if let text = environment[environmentName] {
      let names = text.split(whereSeparator: \.isWhitespace).map(String.init)
      if !names.isEmpty {
        do { return try list(names) } catch {
          throw InvalidValue(
            field: environmentName, complaint: "is refused: \(error.plainWords)")
        }
      }
    }
    return defaults(environment: environment)
  }

  private static func list(_ names: [String]) throws(InvalidValue) -> [Endpoint] {
    var endpoints: [Endpoint] = []
    for name in names { endpoints.append(try Endpoint(name)) }
    return endpoints
  }

  /// `/run/aos/balancer.sock`, then the socket of this user.
  public static func defaults(environment: [String: String]) -> [Endpoint] {
    var endpoints = [Endpoint.unix(path: "/run/aos/balancer.sock")]
    if let own = environment["XDG_RUNTIME_DIR"], own.utf8.first == UInt8(ascii: "/"),
      let endpoint = try? Endpoint("unix://\(own)/aos/balancer.sock")
    {
      endpoints.append(endpoint)
    }
    return endpoints
  }
}

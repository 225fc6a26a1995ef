public import ClusterModel

extension Endpoint {
  /// The variable of the environment that names endpoints: one, or several separated by blanks.
  public static let environmentName = "AOS_BALANCER"

  /// The endpoints that a program talks to: those that were named on its command line, else those
  /// of `$AOS_BALANCER`, else the sockets where a balancer of this machine listens.
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

  /// `/run/aos/balancer.sock`, then the one of this user.
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

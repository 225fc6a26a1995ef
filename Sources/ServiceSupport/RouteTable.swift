internal import ClusterAPI
internal import ClusterModel
internal import Hummingbird

/// Finds the route of a request. The raw path is split at `/`, and then each segment is decoded
/// once. So an id may contain whatever the model allows, however a client encodes it.
struct RouteTable: Sendable {
  private struct Pattern: Sendable {
    var route: ServiceRoute
    /// The segments. One that begins with `:` stands for any segment.
    var segments: [Substring]

    init(_ route: ServiceRoute) {
      self.route = route
      segments = route.path.split(separator: "/")
    }

    /// The segments in place of the parameters; nil for a path of another route.
    func parameters(of path: [String]) -> [String: String]? {
      guard path.count == segments.count else { return nil }
      var parameters: [String: String] = [:]
      for (wanted, segment) in zip(segments, path) {
        if wanted.first == ":" {
          parameters[String(wanted.dropFirst())] = segment
        } else if wanted != segment {
          return nil
        }
      }
      return parameters
    }
  }

  private let patterns: [Pattern]
  /// Routes without parameters, by their path as clients write it, for a quick search.
  private let plain: [String: [ServiceRoute]]

  init(_ routes: [ServiceRoute]) {
    patterns = routes.map(Pattern.init)
    plain = Dictionary(grouping: routes.filter { !$0.path.contains(":") }, by: \.path)
  }

  /// The route, and the segments of the path in place of its parameters.
  ///
  /// - Throws: `Problem`: `unknown-route`, `method-not-allowed`, or `invalid-request` for a path
  ///   that cannot be decoded.
  func find(_ request: Request) throws -> (route: ServiceRoute, parameters: [String: String]) {
    let path = request.uri.path
    // HEAD is answered as GET without its body.
    let method = request.method == .head ? .get : request.method
    if let route = plain[path]?.first(where: { $0.method == method }) { return (route, [:]) }
    let segments = try Self.segments(of: path)
    let found = patterns.compactMap { pattern in
      pattern.parameters(of: segments).map { (route: pattern.route, parameters: $0) }
    }
    if let match = found.first(where: { $0.route.method == method }) { return match }
    guard found.isEmpty else {
      let methods = Self.allowed(found.map { $0.route.method.rawValue })
      throw Problem(
        .methodNotAllowed, "This route takes \(methods.joined(separator: ", ")) only.",
        allowedMethods: methods)
    }
    throw Problem(.unknownRoute, "/openapi.yaml describes every route.")
  }

  /// The methods of a path, for the header `Allow`.
  private static func allowed(_ own: [String]) -> [String] {
    own + (own.contains("GET") ? ["HEAD"] : []) + ["OPTIONS"]
  }

  private static func segments(of path: String) throws -> [String] {
    try path.split(separator: "/").map { segment in
      guard let decoded = PercentEncoding.decoded(segment) else {
        throw Problem(.invalidRequest, "The path holds a bad percent escape.")
      }
      guard !decoded.utf8.contains(UInt8(ascii: "/")) else {
        throw Problem(.invalidRequest, "The path holds an escaped slash.")
      }
      return decoded
    }
  }
}

internal import ArgumentParser
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

/// What `aosctl connect` forwards through its session to the application.
struct TunnelOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Listen here, and forward each connection through the session to the application: a port of "
        + "127.0.0.1, HOST:PORT, or a Unix socket (unix:PATH) that only this user may use. Port 0 "
        + "chooses a free port and prints it.", valueName: "port"),
    transform: TunnelOptions.place)
  var forward: ForwardPlace?

  @Flag(
    help: ArgumentHelp(
      "With --forward: open another session as soon as the end of this one is announced or "
        + "reached, and keep listening."))
  var rejoin = false

  @Flag(
    help: ArgumentHelp(
      "Forward standard input and output through the session to the application, as ssh's "
        + "ProxyCommand needs it. All messages go to standard error."))
  var stdio = false

  func validate() throws {
    if stdio, forward != nil {
      throw ValidationError("--stdio and --forward exclude each other")
    }
    if rejoin, forward == nil {
      throw ValidationError("--rejoin needs --forward")
    }
  }

  private static func place(_ text: String) throws -> ForwardPlace {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(text.hasPrefix("unix://") ? 7 : 5))
      guard (1...Endpoint.longestSocketPath).contains(path.utf8.count) else {
        throw ValidationError(
          "the path of its Unix socket has 1 to \(Endpoint.longestSocketPath) bytes")
      }
      return .unix(path: path)
    }
    if let port = Int(text) {
      guard (0...65_535).contains(port) else {
        throw ValidationError("its port is outside 0 to 65535")
      }
      return .tcp(host: "127.0.0.1", port: port)
    }
    let place = try ListenArgument(text)
    return .tcp(host: place.host, port: place.port)
  }
}

extension ForwardPlace {
  /// The address to which clients connect.
  ///
  /// - Parameter port: The port that the system chose.
  func words(port: Int?) -> String {
    switch self {
    case .unix(let path): "unix:\(path)"
    case .tcp(let host, let asked):
      (host.contains(":") ? "[\(host)]" : host) + ":\(port ?? asked)"
    }
  }
}

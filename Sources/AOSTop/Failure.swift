internal import ClusterClient

/// How the program ended, for scripts.
enum ExitStatus: Int32, Sendable {
  case done = 0
  /// Wrong usage or input.
  case wrongInput = 1
  /// Nobody could be reached, or what answered is no balancer.
  case unreachable = 2
  /// A server refused, in its own words.
  case refused = 3
  /// Nobody reads the output any more: the program ends by SIGPIPE, which a shell shows as this.
  case readerLeft = 141
}

/// Why the program came to nothing: lines for standard error.
struct Failure: Error, Equatable {
  var status: ExitStatus
  var lines: [String]

  init(_ status: ExitStatus, _ lines: [String]) {
    self.status = status
    self.lines = lines
  }

  static let readerLeft = Failure(.readerLeft, [])

  init(_ status: ExitStatus, _ line: String) { self.init(status, [line]) }

  init(_ failure: ClientFailure, at endpoint: Endpoint) {
    switch failure {
    case .unreachable: self.init(.unreachable, "cannot reach \(endpoint): \(failure)")
    case .malformed: self.init(.unreachable, "\(endpoint): \(failure)")
    case .problem: self.init(.refused, "\(endpoint): \(failure)")
    }
  }
}

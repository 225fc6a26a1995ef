internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

/// How a program ended, for scripts.
enum ExitStatus: Int32, Sendable {
  case done = 0
  /// Wrong usage or input.
  case wrongInput = 1
  /// Nobody could be reached, or what answered is no balancer.
  case unreachable = 2
  /// A server refused, in its own words.
  case refused = 3
}

/// Why a command came to nothing, as lines for standard error.
struct CommandFailure: Error, Equatable {
  var status: ExitStatus
  var lines: [String]

  init(_ status: ExitStatus, _ lines: String...) {
    self.status = status
    self.lines = lines
  }

  /// - Parameter place: Who was asked.
  init(_ failure: ClientFailure, at place: some CustomStringConvertible) {
    switch failure {
    case .unreachable(let reason): self.init(.unreachable, "cannot reach \(place): \(reason)")
    case .malformed(let reason): self.init(.unreachable, "\(place): \(reason)")
    case .problem(let problem):
      self.init(.refused, problem.sentence)
      lines += problem.acknowledgement
    }
  }
}

extension Problem {
  /// Title and detail, once where they are the same.
  var sentence: String {
    detail.isEmpty || detail == title ? title : "\(title): \(detail)"
  }

  /// What must be acknowledged, and how.
  fileprivate var acknowledgement: [String] {
    guard let warnings, !warnings.isEmpty else { return [] }
    return warnings.map { "warning \($0.rawValue): \($0.sentence)" } + [
      "to go ahead all the same: "
        + warnings.map { "--acknowledge \($0.rawValue)" }.joined(separator: " ")
    ]
  }
}

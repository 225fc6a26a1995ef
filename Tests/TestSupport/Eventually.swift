/// What a test waited for did not come in time.
package struct NeverHappened: Error, CustomStringConvertible {
  package var what: String
  /// What was seen last.
  package var last: String?

  package init(what: String, last: String? = nil) { (self.what, self.last) = (what, last) }

  package var description: String {
    "never happened: \(what)" + (last.map { "; seen last:\n\($0)" } ?? "")
  }
}

/// Looks again and again, a hundred times a second, until what is seen is what is wanted: for
/// what tells nobody that it has changed, as a file or a port.
///
/// - Parameters:
///   - what: Says what is waited for.
///   - seconds: How long. Far less than a suite's time limit, so that the failure tells what was
///     seen last.
/// - Returns: What was seen at last.
/// - Throws: `NeverHappened`.
@discardableResult
package func eventually<Seen>(
  _ what: String, seconds: Int = 50, _ look: () async throws -> Seen,
  is wanted: (Seen) throws -> Bool
) async throws -> Seen {
  let end = ContinuousClock.now + .seconds(seconds)
  while true {
    let seen = try await look()
    if try wanted(seen) { return seen }
    guard ContinuousClock.now < end else { throw NeverHappened(what: what, last: "\(seen)") }
    try await Task.sleep(for: .milliseconds(10))
  }
}

/// Looks again and again until something holds.
package func eventually(
  _ what: String, seconds: Int = 50, _ holds: () async throws -> Bool
) async throws {
  try await eventually(what, seconds: seconds, holds) { $0 }
}

/// The meaning of errors of PostgreSQL, or of the connection to it, for a registry.
extension DatabaseFault {
  /// The connection was lost.
  static func lost(_ message: String) -> DatabaseFault {
    DatabaseFault(complaint: "went away: \(message)")
  }

  /// An error that the server sent.
  ///
  /// - Parameters:
  ///   - state: SQLSTATE, five characters.
  ///   - endsSession: Whether the server ends the connection with it.
  init(state: String, message: String, endsSession: Bool) {
    let known = Self.states[state]
    // 08 is about the connection; 42 means that a table is missing or must not be used, so check
    // everything again.
    let keeps = known?.keepsConnection ?? !(state.hasPrefix("08") || state.hasPrefix("42"))
    self.init(
      complaint: known?.complaint ?? "cannot be used: \(message)",
      keepsConnection: keeps && !endsSession)
  }

  /// Our own words for some SQLSTATEs, where they are clearer than the server's.
  private static let states: [String: (complaint: String, keepsConnection: Bool)] = [
    "25006": ("cannot be written: the server only reads", false),
    "40001": ("is locked by another program", true),
    "40P01": ("is locked by another program", true),
    "53100": ("cannot grow: the disk is full", true),
    "55P03": ("is locked by another program", true),
    "57014": ("took too long to answer", true),
    "57P01": ("was shut down", false),
    "57P02": ("was shut down", false),
    "57P03": ("is starting or stopping", false),
  ]
}

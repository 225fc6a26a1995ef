/// What errors of PostgreSQL, or of the way to it, mean to a registry.
extension DatabaseFault {
  /// The connection broke.
  static func lost(_ message: String) -> DatabaseFault {
    DatabaseFault(complaint: "went away: \(message)")
  }

  /// An error that the server sent.
  ///
  /// - Parameters:
  ///   - state: SQLSTATE, five characters.
  ///   - endsSession: The server ends the connection with it.
  init(state: String, message: String, endsSession: Bool) {
    let known = Self.states[state]
    // 08: the connection; 42: a table is missing, or not to be touched, so look at all of it.
    let keeps = known?.keepsConnection ?? !(state.hasPrefix("08") || state.hasPrefix("42"))
    self.init(
      complaint: known?.complaint ?? "cannot be used: \(message)",
      keepsConnection: keeps && !endsSession)
  }

  /// What SQLSTATE says, where our own words say it better than the server's.
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

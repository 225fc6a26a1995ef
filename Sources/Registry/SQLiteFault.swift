/// The meaning of errors of SQLite, or of its file, for a registry.
extension DatabaseFault {
  /// - Parameters:
  ///   - code: SQLite's primary result code.
  ///   - message: SQLite's own words, which are used only where ours say nothing.
  ///   - committing: COMMIT writes its whole log before the mark that makes it count. A full disk
  ///     or another process's lock stops it before that mark. After any other fault the mark may be
  ///     on the disk or not.
  init(code: Int32, message: String?, committing: Bool) {
    let known = Self.codes[code]
    let keeps = known?.keepsConnection ?? false
    self.init(
      complaint: known?.complaint ?? "cannot be used: \(message ?? "SQLite error \(code)")",
      keepsConnection: keeps, isForGood: code == Self.notADatabase,
      leavesOutcomeOpen: committing && !keeps)
  }

  private static let codes: [Int32: (complaint: String, keepsConnection: Bool)] = [
    5: ("is locked by another program", true),
    6: ("is locked by another program", true),
    7: ("cannot be used: out of memory", true),
    8: ("cannot be written", false),
    10: ("cannot be read or written", false),
    11: ("is damaged", false),
    13: ("cannot grow: the disk is full", true),
    14: ("cannot be opened", false),
    23: ("cannot be opened: not allowed", false),
    notADatabase: ("is not a database", false),
  ]

  private static let notADatabase: Int32 = 26

  /// The path leads to another file than the open one, or to none.
  static let moved = DatabaseFault(complaint: "was moved, replaced or deleted")
}

internal import ClusterModel

/// An error of PostgreSQL, or of the way to it, read for what it means to a registry.
struct PostgresFault: Error, Equatable {
  /// What is wrong, as the end of a sentence that starts with the database's address.
  var complaint: String
  /// The connection is still good: what stands in the way is somebody else, or the disk's size.
  var keepsConnection = false
  /// Trying again cannot help: the database holds something else.
  var isForGood = false
  /// It was lost between COMMIT and its answer: the change is there or it is not.
  var leavesOutcomeOpen = false

  /// - Parameter database: Its address, for the text.
  func failure(database: String) -> RegistryFailure {
    let text = "\(database) \(complaint)"
    if leavesOutcomeOpen { return .outcomeUnknown("\(text), while it committed") }
    if isForGood { return .unusable(text) }
    return .unavailable(text)
  }

  /// The database is there, but not one that this program may serve from.
  static func notOurs(_ complaint: String) -> PostgresFault {
    PostgresFault(complaint: complaint, isForGood: true)
  }

  /// There was a registry here, and there is none now.
  static let gone = PostgresFault(complaint: "holds its registry no more")
  static let isAnother = PostgresFault(
    complaint: "holds another registry than the one that was here")

  /// The connection broke.
  static func lost(_ message: String) -> PostgresFault {
    PostgresFault(complaint: "went away: \(message)")
  }

  /// What SQLSTATE says, where our own words say it better than the server's.
  private static let table: [String: (complaint: String, keepsConnection: Bool)] = [
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

  /// An error that the server sent.
  ///
  /// - Parameters:
  ///   - state: SQLSTATE, five characters.
  ///   - endsSession: The server ends the connection with it.
  init(state: String, message: String, endsSession: Bool) {
    let known = Self.table[state]
    // 08: the connection; 42: a table is not there, or not to be touched, so look at all of it.
    let keeps = known?.keepsConnection ?? !(state.hasPrefix("08") || state.hasPrefix("42"))
    self.init(
      complaint: known?.complaint ?? "cannot be used: \(message)",
      keepsConnection: keeps && !endsSession)
  }

  init(
    complaint: String, keepsConnection: Bool = false, isForGood: Bool = false,
    leavesOutcomeOpen: Bool = false
  ) {
    self.complaint = complaint
    self.keepsConnection = keepsConnection
    self.isForGood = isForGood
    self.leavesOutcomeOpen = leavesOutcomeOpen
  }

  /// Any error of a transaction.
  init(_ error: any Error) {
    if let fault = error as? PostgresFault {
      self = fault
    } else if let error = error as? WrongCluster {
      self = .notOurs(error.complaint)
    } else {
      let place = (error as? UnreadableValue)?.place ?? error.plainWords
      self.init(
        complaint: "holds a value that cannot be read, in \(place)", keepsConnection: true)
    }
  }
}

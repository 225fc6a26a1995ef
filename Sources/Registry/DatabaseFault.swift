internal import ClusterModel
internal import GRDB

/// An error of a database or of the connection to it, classified by its meaning for a registry.
struct DatabaseFault: Error, Equatable {
  /// What is wrong, as the end of a sentence that begins with the database's name.
  var complaint: String
  /// Whether the connection still works: the reason is another program, or a full disk.
  var keepsConnection = false
  /// Whether trying again cannot help: the database contains something else.
  var isForGood = false
  /// Whether it happened during COMMIT, so that the change was made or not.
  var leavesOutcomeOpen = false

  /// - Parameter database: Its path or address, for the text.
  func failure(of database: String) -> RegistryFailure {
    let text = "\(database) \(complaint)"
    if leavesOutcomeOpen { return .outcomeUnknown("\(text), while it committed") }
    return isForGood ? .unusable(text) : .unavailable(text)
  }

  /// The database exists, but this program must not use it.
  static func notOurs(_ complaint: String) -> DatabaseFault {
    DatabaseFault(complaint: complaint, isForGood: true)
  }

  /// The database had a registry and has none now.
  static let gone = DatabaseFault(complaint: "no longer holds its registry")
  static let isAnother = DatabaseFault(
    complaint: "holds another registry than the one that was here")
}

extension DatabaseFault {
  /// Classifies any error of a transaction.
  ///
  /// - Parameter committing: Whether it happened during COMMIT of SQLite, or right after it.
  init(_ error: any Error, committing: Bool = false) {
    if let fault = error as? DatabaseFault {
      self = fault
    } else if let error = error as? DatabaseError {
      self.init(code: error.resultCode.rawValue, message: error.message, committing: committing)
    } else if let error = error as? WrongCluster {
      self = .notOurs(error.complaint)
    } else {
      let place = (error as? UnreadableValue).map { ", in \($0.place)" }
      self.init(
        complaint: "holds a value that cannot be read" + (place ?? ": \(error.plainWords)"),
        keepsConnection: true)
    }
  }
}

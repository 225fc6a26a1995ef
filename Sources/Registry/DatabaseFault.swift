internal import ClusterModel
internal import GRDB

/// An error of a database, or of the way to it, read for what it means to a registry.
struct DatabaseFault: Error, Equatable {
  /// What is wrong, as the end of a sentence that starts with the database's name.
  var complaint: String
  /// The connection is still good: what stands in the way is somebody else, or the disk's size.
  var keepsConnection = false
  /// Trying again cannot help: the database holds something else.
  var isForGood = false
  /// It came within COMMIT: the change is there or it is not.
  var leavesOutcomeOpen = false

  /// - Parameter database: Its path or address, for the text.
  func failure(of database: String) -> RegistryFailure {
    let text = "\(database) \(complaint)"
    if leavesOutcomeOpen { return .outcomeUnknown("\(text), while it committed") }
    return isForGood ? .unusable(text) : .unavailable(text)
  }

  /// The database is there, but not one that this program may serve from.
  static func notOurs(_ complaint: String) -> DatabaseFault {
    DatabaseFault(complaint: complaint, isForGood: true)
  }

  /// There was a registry here, and there is none now.
  static let gone = DatabaseFault(complaint: "no longer holds its registry")
  static let isAnother = DatabaseFault(
    complaint: "holds another registry than the one that was here")
}

extension DatabaseFault {
  /// Any error of a transaction.
  ///
  /// - Parameter committing: It came within COMMIT of SQLite, or right after it.
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

internal import ClusterModel
internal import GRDB

/// An error of SQLite, or of the file below it, read for what it means to a registry.
struct SQLiteFault: Error, Equatable {
  /// How far a change had come.
  enum Phase {
    /// Before COMMIT: whatever went wrong, nothing was changed.
    case working
    /// Inside COMMIT or right after it.
    case committing
  }

  /// SQLite's primary result code.
  var code: Int32
  /// What is wrong, as the end of a sentence that starts with the file's path.
  var complaint: String
  var phase = Phase.working

  /// The connection is still good: what stands in the way is somebody else, or the disk's size.
  var keepsConnection: Bool { Self.table[code]?.keepsConnection ?? false }

  /// Trying again cannot help: the file holds something else.
  var isForGood: Bool { code == Self.notADatabase || code == Self.notOurs }

  /// COMMIT writes all of its log before the one mark that makes it count; a full disk or
  /// another process' lock stops it before that mark. After any other fault the mark may be on
  /// the disk or not.
  private var leavesOutcomeOpen: Bool { phase == .committing && !keepsConnection }

  /// - Parameter file: The path, for the text.
  func failure(file: String) -> RegistryFailure {
    let text = "\(file) \(complaint)"
    if leavesOutcomeOpen { return .outcomeUnknown("\(text), while it committed") }
    return .unavailable(text)
  }

  private static let table: [Int32: (complaint: String, keepsConnection: Bool)] = [
    5: ("is locked by another program", true),
    6: ("is locked by another program", true),
    7: ("cannot be worked on: out of memory", true),
    8: ("cannot be written", false),
    10: ("cannot be read or written", false),
    11: ("is damaged", false),
    13: ("cannot grow: the disk is full", true),
    14: ("cannot be opened", false),
    23: ("cannot be opened: not allowed", false),
    26: ("is not a database", false),
  ]

  private static let notADatabase: Int32 = 26
  /// Not a code of SQLite: the file is somebody else's registry, or of another program.
  private static let notOurs: Int32 = -1
  private static let busy: Int32 = 5
  private static let ioError: Int32 = 10

  /// The file is a database, but not one that this program may serve from.
  static func notOurs(_ complaint: String) -> SQLiteFault {
    SQLiteFault(code: notOurs, complaint: complaint)
  }

  /// The path leads to another file than the one that is open, or to none.
  static func moved(_ phase: Phase = .working) -> SQLiteFault {
    SQLiteFault(code: ioError, complaint: "was moved, replaced or deleted", phase: phase)
  }

  /// A call of the operating system failed.
  static func system(_ complaint: String) -> SQLiteFault {
    SQLiteFault(code: ioError, complaint: complaint)
  }

  var isBusy: Bool { code == Self.busy }
}

extension SQLiteFault {
  init(_ error: any Error, phase: Phase = .working) {
    if let fault = error as? SQLiteFault {
      self = fault
    } else if let error = error as? DatabaseError {
      self.init(code: error.resultCode.rawValue, message: error.message, phase: phase)
    } else if let error = error as? WrongCluster {
      self = Self.notOurs(error.complaint)
    } else if let error = error as? UnreadableValue {
      self.init(
        code: 11, complaint: "holds a value that cannot be read, in \(error.place)", phase: phase)
    } else {
      self.init(
        code: 11, complaint: "holds a value that cannot be read: \(error.plainWords)",
        phase: phase)
    }
  }

  /// - Parameter message: SQLite's own words, which are given only where ours say nothing.
  init(code: Int32, message: String?, phase: Phase) {
    let known = Self.table[code]?.complaint
    self.init(
      code: code, complaint: known ?? "cannot be used: \(message ?? "SQLite error \(code)")",
      phase: phase)
  }
}

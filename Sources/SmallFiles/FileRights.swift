package import ClusterModel
internal import Glibc

/// Whether somebody else may have written, or can read, a file that a program is about to
/// believe. A file that is read as a whole is asked here by `SmallFile`.
package enum FileRights {
  /// Checks a path, and that nobody can put another file or folder in its place.
  ///
  /// A path that leads nowhere passes: whoever opens it says so.
  ///
  /// - Parameter field: The option that names it, for the message.
  /// - Throws: `InvalidValue`: who may write or read it, and what to do about that.
  package static func check(
    _ path: String, as kind: GuardedFile, field: String
  ) throws(InvalidValue) {
    try check(FileFacts(path: path), at: path, as: kind, field: field)
  }

  /// Checks an open file: what is checked is what is read.
  ///
  /// - Throws: As the other one.
  static func check(
    descriptor: Int32, at path: String, as kind: GuardedFile, field: String
  ) throws(InvalidValue) {
    try check(FileFacts(descriptor: descriptor), at: path, as: kind, field: field)
  }

  private static func check(
    _ facts: FileFacts?, at path: String, as kind: GuardedFile, field: String
  ) throws(InvalidValue) {
    guard let facts else { return }
    if let complaint = complaint(about: facts, at: path, as: kind.rule, .current()) {
      throw InvalidValue(field: field, complaint: complaint)
    }
    try checkFolders(above: path, field: field)
  }

  // MARK: Rules

  /// What is wrong with a file or folder; nil: nothing.
  static func complaint(
    about facts: FileFacts, at path: String, as rule: GuardedFile.Rule, _ rights: ProcessRights
  ) -> String? {
    let isOpen = facts.mode & 0o002 != 0 && !(rule.mayBeSticky && facts.isSticky)
    if isOpen {
      return "\(path) can be written by everybody on this machine (mode \(facts.permissions)); "
        + "make sure that its content is yours, then chmod o-w \(path)"
    }
    // The folder of everybody belongs to the system.
    if rule.isOwnersAlone, !rights.owners.contains(facts.owner) {
      return "\(path) belongs to the user \(name(of: facts.owner)), who can write it; it must "
        + "belong to \(names(of: rights.owners))"
    }
    let isGroups = rule.groupMayWrite && rights.groups.contains(facts.group)
    if facts.mode & 0o020 != 0, !isGroups, !facts.isSticky {
      return "\(path) can be written by the group \(facts.group) (mode \(facts.permissions)); "
        + "chmod g-w \(path)"
    }
    if rule.isSecret, facts.mode & 0o007 != 0 {
      return "\(path) is open to everybody on this machine; chmod 600 \(path)"
    }
    return nil
  }

  /// A folder that everybody can write lets everybody replace what is in it, unless it is sticky.
  private static func checkFolders(above path: String, field: String) throws(InvalidValue) {
    for folder in folders(above: path) {
      guard let facts = FileFacts(path: folder), facts.mode & 0o002 != 0, !facts.isSticky else {
        continue
      }
      throw InvalidValue(
        field: field,
        complaint: "\(path) can be replaced by everybody on this machine: the folder \(folder) "
          + "has the mode \(facts.permissions); chmod o-w \(folder)")
    }
  }

  /// The folders that lead to a path, as it is written and as its links lead.
  private static func folders(above path: String) -> [String] {
    var all: [String] = []
    for start in [absolute(path), resolved(path)].compactMap({ $0 }) {
      var folder = start
      while let slash = folder.lastIndex(of: "/"), folder != "/" {
        folder = slash == folder.startIndex ? "/" : String(folder[..<slash])
        if !all.contains(folder) { all.append(folder) }
      }
    }
    return all
  }

  private static func absolute(_ path: String) -> String? {
    guard !path.hasPrefix("/") else { return path }
    guard let folder = getcwd(nil, 0) else { return nil }
    defer { free(folder) }
    return String(cString: folder) + "/" + path
  }

  private static func resolved(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  // MARK: Names

  private static func names(of users: Set<UInt32>) -> String {
    users.sorted().map(name(of:)).joined(separator: " or ")
  }

  /// The user's name; the number where it has none.
  private static func name(of user: UInt32) -> String {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
      guard let memory = buffer.baseAddress,
        getpwuid_r(user, &entry, memory, buffer.count, &found) == 0,
        let name = found?.pointee.pw_name
      else { return "\(user)" }
      return String(cString: name)
    }
  }
}

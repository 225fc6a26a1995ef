package import ClusterModel
internal import Glibc

/// Checks whether somebody else may have written, or can read, a file that a program is about to
/// trust. `SmallFile` uses this for a file that it reads as a whole.
package enum FileRights {
  /// Checks a path, and that nobody can put another file or folder in its place.
  ///
  /// A path that does not exist passes: opening it reports that.
  ///
  /// - Parameter field: The option that names the path, for the message.
  /// - Throws: `InvalidValue`: who may write or read it, and what to do about that.
  package static func check(
    _ path: String, as kind: GuardedFile, field: String
  ) throws(InvalidValue) {
    try check(FileFacts(path: path), at: path, as: kind, field: field)
  }

  /// Checks an open file, so that the program reads the file that was checked.
  ///
  /// - Throws: As the other function.
  static func check(
    descriptor: Int32, at path: String, as kind: GuardedFile, field: String
  ) throws(InvalidValue) {
    try check(FileFacts(descriptor: descriptor), at: path, as: kind, field: field)
  }

  private static func check(
    _ facts: FileFacts?, at path: String, as kind: GuardedFile, field: String
  ) throws(InvalidValue) {
    var rights = ProcessRights.current()
    if let facts {
      if let complaint = complaint(about: facts, at: path, as: kind.rule, rights) {
        throw InvalidValue(field: field, complaint: complaint)
      }
      // The owner of such a file may also own its folder.
      if !kind.rule.isOwnersAlone { rights.owners.insert(facts.owner) }
    }
    var way = Way(to: path)
    while let step = way.next() {
      if let complaint = complaint(about: step, onTheWayTo: path, rights) {
        throw InvalidValue(field: field, complaint: complaint)
      }
    }
  }

  // MARK: Rules

  /// What is wrong with a file or folder; nil where nothing is.
  static func complaint(
    about facts: FileFacts, at path: String, as rule: GuardedFile.Rule, _ rights: ProcessRights
  ) -> String? {
    let isOpen = facts.mode & 0o002 != 0 && !(rule.mayBeSticky && facts.isSticky)
    if isOpen {
      return "\(path) can be written by everybody on this machine (mode \(facts.permissions)); "
        + "make sure that its content is yours, then chmod o-w \(path)"
    }
    // A folder for everybody belongs to the system.
    if rule.isOwnersAlone, !rights.owners.contains(facts.owner) {
      return "\(path) belongs to the \(userInWords(facts.owner)), who can write it; it must "
        + "belong to \(names(of: rights.owners))"
    }
    let isGroups = rule.groupMayWrite && rights.groups.contains(facts.group)
    if facts.mode & 0o020 != 0, !isGroups, !facts.isSticky {
      return "\(path) can be written by the \(groupInWords(facts.group)) (mode "
        + "\(facts.permissions)); chmod g-w \(path)"
    }
    if rule.isSecret, facts.mode & 0o007 != 0 {
      return "\(path) is open to everybody on this machine; chmod 600 \(path)"
    }
    return nil
  }

  /// Who can replace a file in this folder, by the folder's rights; nil where nobody else can.
  ///
  /// In a sticky folder everybody may add files, and nobody may touch another's. The owner of a
  /// link decides where it leads.
  static func complaint(
    about step: Way.Step, onTheWayTo path: String, _ rights: ProcessRights
  ) -> String? {
    let (folder, facts) = (step.folder, step.facts)
    guard rights.owners.contains(facts.owner) else {
      return "\(path) can be replaced by the \(userInWords(facts.owner)), to whom the folder "
        + "\(folder) belongs; it must belong to \(names(of: rights.owners))"
    }
    let isEverybodys = facts.mode & 0o002 != 0
    let isOpen = isEverybodys || facts.mode & 0o020 != 0 && !rights.groups.contains(facts.group)
    if isOpen, !facts.isSticky {
      let who = isEverybodys ? "everybody on this machine" : "the \(groupInWords(facts.group))"
      return "\(path) can be replaced by \(who): the folder \(folder) has the mode "
        + "\(facts.permissions); chmod \(isEverybodys ? "o" : "g")-w \(folder)"
    }
    if let entry = step.entry, isOpen || entry.isLink, !rights.owners.contains(entry.owner) {
      let what = "\(step.name)\(entry.isLink ? ", a link" : "") in the folder \(folder),"
      return "\(path) cannot be trusted: \(what) belongs to the \(userInWords(entry.owner)); "
        + "it must belong to \(names(of: rights.owners))"
    }
    return nil
  }

  // MARK: Names

  private static func names(of users: Set<UInt32>) -> String {
    users.sorted().map { name(ofUser: $0) ?? "the user number \($0)" }.joined(separator: " or ")
  }

  /// `user root`, or `user number 4711` for a user that the system does not know.
  private static func userInWords(_ number: UInt32) -> String {
    "user " + (name(ofUser: number) ?? "number \(number)")
  }

  /// `group staff`, or `group number 4711` for a group that the system does not know.
  private static func groupInWords(_ number: UInt32) -> String {
    "group " + (name(ofGroup: number) ?? "number \(number)")
  }

  private static func name(ofUser number: UInt32) -> String? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
      guard let memory = buffer.baseAddress,
        getpwuid_r(number, &entry, memory, buffer.count, &found) == 0
      else { return nil }
      return found?.pointee.pw_name.map { String(cString: $0) }
    }
  }

  private static func name(ofGroup number: UInt32) -> String? {
    var entry = group()
    var found: UnsafeMutablePointer<group>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65_536) { buffer in
      guard let memory = buffer.baseAddress,
        getgrgid_r(number, &entry, memory, buffer.count, &found) == 0
      else { return nil }
      return found?.pointee.gr_name.map { String(cString: $0) }
    }
  }
}

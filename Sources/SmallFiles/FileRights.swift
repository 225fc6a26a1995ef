package import ClusterModel
internal import Glibc

/// Whether somebody else may have written, or can read, a file that a program is about to
/// trust. A file that is read as a whole is asked here by `SmallFile`.
package enum FileRights {
  /// Checks a path, and that nobody can put another file or folder in its place.
  ///
  /// A path that leads nowhere passes: opening it says so.
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
    var rights = ProcessRights.current()
    if let facts {
      if let complaint = complaint(about: facts, at: path, as: kind.rule, rights) {
        throw InvalidValue(field: field, complaint: complaint)
      }
      // Who may have made the file may have made its folder.
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

  /// Who can put another file in the place of one, by what its folder allows; nil: nobody else.
  ///
  /// In a sticky folder everybody may add names, and nobody may touch another's. A
  /// link leads where its owner wants.
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

  /// `user root`, or `user number 4711` where the system has no name for it.
  private static func userInWords(_ number: UInt32) -> String {
    "user " + (name(ofUser: number) ?? "number \(number)")
  }

  /// `group staff`, or `group number 4711` where the system has no name for it.
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

internal import Glibc

/// What the system knows about a file or a folder.
struct FileFacts: Equatable {
  var mode: UInt32
  var owner: UInt32
  var group: UInt32

  init(mode: UInt32, owner: UInt32, group: UInt32) {
    (self.mode, self.owner, self.group) = (mode, owner, group)
  }

  init(_ info: stat) {
    self.init(mode: info.st_mode, owner: info.st_uid, group: info.st_gid)
  }

  /// Nil where nothing has this path.
  init?(path: String) {
    var info = stat()
    guard stat(path, &info) == 0 else { return nil }
    self.init(info)
  }

  /// The facts of the link itself, where the path names one.
  init?(linkAt path: String) {
    var info = stat()
    guard lstat(path, &info) == 0 else { return nil }
    self.init(info)
  }

  init?(descriptor: Int32) {
    var info = stat()
    guard fstat(descriptor, &info) == 0 else { return nil }
    self.init(info)
  }

  var isLink: Bool { mode & S_IFMT == S_IFLNK }
  var isSticky: Bool { mode & 0o1000 != 0 }
  /// The permissions in octal, such as `0644`.
  var permissions: String {
    let digits = String(mode & 0o7777, radix: 8)
    return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
  }
}

/// The users and groups of this process.
struct ProcessRights: Equatable {
  /// The users whose files it trusts.
  var owners: Set<UInt32>
  /// The groups that it belongs to.
  var groups: Set<UInt32>

  /// The rights of this process. It trusts its own user and root. As root it also trusts `aos`, the
  /// user of the daemons' units, and the user who called `sudo`, who can do everything that root
  /// can; and the group of that user, if it has the same number and so belongs to the user alone.
  ///
  /// - Parameter sudoUser: `$SUDO_UID`.
  static func current(
    sudoUser: String? = getenv("SUDO_UID").map { String(cString: $0) }
  ) -> ProcessRights {
    let user = geteuid()
    var owners: Set<UInt32> = [user, 0]
    var callersGroup: Set<UInt32> = []
    if user == 0 {
      if let account = number(of: "aos") { owners.insert(account) }
      if let caller = sudoUser.flatMap(UInt32.init) {
        owners.insert(caller)
        if group(of: caller) == caller { callersGroup = [caller] }
      }
    }
    var groups = [gid_t](repeating: 0, count: 256)
    let count = getgroups(Int32(groups.count), &groups)
    let own = Set(groups.prefix(Int(max(0, count)))).union([getegid()])
    return ProcessRights(owners: owners, groups: own.union(callersGroup))
  }

  private static func number(of user: String) -> UInt32? {
    entry { getpwnam_r(user, $0, $1, $2, $3) }?.pw_uid
  }

  private static func group(of user: UInt32) -> UInt32? {
    entry { getpwuid_r(user, $0, $1, $2, $3) }?.pw_gid
  }

  /// Reads what the system knows about a user. Texts in it are not valid any more.
  private static func entry(
    _ look: (
      UnsafeMutablePointer<passwd>, UnsafeMutablePointer<CChar>, Int,
      UnsafeMutablePointer<UnsafeMutablePointer<passwd>?>
    ) -> Int32
  ) -> passwd? {
    var entry = passwd()
    var found: UnsafeMutablePointer<passwd>?
    return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16_384) { buffer in
      guard let memory = buffer.baseAddress, look(&entry, memory, buffer.count, &found) == 0
      else { return nil }
      return found?.pointee
    }
  }
}

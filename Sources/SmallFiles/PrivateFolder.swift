internal import ClusterModel
internal import Glibc

/// A folder for temporary files that only this user can enter.
package enum PrivateFolder {
  /// Makes a folder. The caller removes it.
  ///
  /// - Parameters:
  ///   - name: The start of its name; six random characters follow.
  ///   - parent: Nil: `TMPDIR`, or else `/tmp`.
  /// - Returns: Its path.
  /// - Throws: `NoPrivateFolder`.
  package static func make(
    _ name: String, in parent: String? = nil
  ) throws(NoPrivateFolder) -> String {
    let parent = parent ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    // mkdtemp(3) replaces the six X by random characters.
    var template = Array("\(parent)/\(name)-XXXXXX".utf8CString)
    guard let path = mkdtemp(&template) else {
      throw NoPrivateFolder(
        description: "\(parent): no folder can be made: \(String(cString: strerror(errno)))")
    }
    return String(cString: path)
  }
}

/// Why the folder could not be made, with its path.
package struct NoPrivateFolder: PlainError {
  package var description: String
}

internal import FoundationEssentials
internal import Glibc

/// A folder for sockets, databases and logs, gone when nothing refers to it any more.
package final class ScratchFolder {
  package let root: String
  private var isKept = false

  /// - Throws: `ProgramFailure`.
  package init() throws {
    var template = Array("/tmp/aos-run-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw ProgramFailure("mkdtemp", errno) }
    root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  package func path(_ name: String) -> String { "\(root)/\(name)" }

  /// Leaves it when the program ends: there is something to be seen in it.
  package func keep() { isKept = true }

  deinit {
    if !isKept { try? FileManager.default.removeItem(atPath: root) }
  }
}

internal import FoundationEssentials
internal import Glibc

/// A folder for sockets, databases and logs, gone when the benchmark is over.
final class ScratchFolder {
  let root: String

  /// - Throws: `BenchmarkFailure`.
  init() throws {
    var template = Array("/tmp/aos-bench-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw BenchmarkFailure("mkdtemp", errno) }
    root = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
  }

  func path(_ name: String) -> String { "\(root)/\(name)" }

  deinit { try? FileManager.default.removeItem(atPath: root) }
}

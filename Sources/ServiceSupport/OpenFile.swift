internal import ClusterModel
internal import Glibc

/// A file that stays open until nobody needs it any more.
final class OpenFile: Sendable {
  struct Failure: PlainError {
    let description: String

    init(_ path: String) { description = "\(path): \(String(cString: strerror(errno)))" }
  }

  let size: Int
  private let path: String
  private let descriptor: Int32

  init(_ path: String) throws {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    var info = stat()
    guard descriptor >= 0, fstat(descriptor, &info) == 0 else { throw Failure(path) }
    (self.path, size) = (path, Int(info.st_size))
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// - Throws: `Failure`, for example where the file has become shorter.
  func read(_ count: Int, at offset: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: min(count, size - offset))
    let part = pread(descriptor, &bytes, bytes.count, off_t(offset))
    guard part > 0 else { throw Failure(path) }
    return Array(bytes[..<part])
  }
}

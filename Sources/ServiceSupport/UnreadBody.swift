internal import ClusterModel
internal import Hummingbird
internal import NIOCore
internal import Synchronization

extension Request {
  /// Whether the head announces a body in chunks, which may never end, or one that is too long to
  /// throw away after the answer only to keep the connection.
  var announcesEndlessBody: Bool {
    if headers[.transferEncoding] != nil { return true }
    guard let length = headers[.contentLength] else { return false }
    return Int(length).map { $0 > Limits.thrownAwayBytes } ?? true
  }
}

/// The body of a request. It reports when reading begins, and notes when reading has reached the
/// end.
struct NotedBody: AsyncSequence, Sendable {
  /// Shared with all that want to know.
  final class Note: Sendable {
    private let flag = Atomic(false)

    var isRead: Bool { flag.load(ordering: .acquiring) }

    fileprivate func set() { flag.store(true, ordering: .releasing) }
  }

  private let body: RequestBody
  private let note: Note
  private let onBegin: @Sendable () -> Void

  init(_ body: RequestBody, _ note: Note, onBegin: @escaping @Sendable () -> Void) {
    (self.body, self.note, self.onBegin) = (body, note, onBegin)
  }

  func makeAsyncIterator() -> Iterator {
    Iterator(parts: body.makeAsyncIterator(), note: note, onBegin: onBegin)
  }

  struct Iterator: AsyncIteratorProtocol {
    fileprivate var parts: RequestBody.AsyncIterator
    fileprivate let note: Note
    fileprivate var onBegin: (@Sendable () -> Void)?

    mutating func next() async throws -> ByteBuffer? {
      onBegin?()
      onBegin = nil
      let part = try await parts.next()
      if part == nil { note.set() }
      return part
    }
  }
}

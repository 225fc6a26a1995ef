internal import ClusterModel
package import NIOCore
internal import NIOHTTP1
internal import Synchronization

/// A route that can answer where requests are read, on the event loop of their connection, without
/// the cost of a `Request` and a task.
///
/// It answers only plain requests: POST to one path, in HTTP/1.1, on a connection that stays open,
/// with a short body that came in one read with its head. Every other request goes the general way,
/// to the route of the same method and path; so does a request for which it has no answer. So
/// unusual requests are handled in one place.
package struct QuickRoute: Sendable {
  /// Answers a body with JSON; nil: the request goes the general way. It runs on event loops, so it
  /// must not wait.
  package typealias Answer = @Sendable (_ body: ByteBuffer, _ peer: Peer) -> ByteBuffer?

  private let path: String
  private let longestBody: Int
  private let date = AnswerDate()
  let answer: Answer

  /// - Parameter longestBody: In bytes; longer ones go the general way.
  package init(path: String, longestBody: Int, answer: @escaping Answer) {
    (self.path, self.longestBody, self.answer) = (path, longestBody, answer)
  }

  /// Whether the head allows the route to answer.
  func takes(_ head: HTTPRequestHead, _ fields: HeadFields) -> Bool {
    head.method == .POST && head.uri == path && head.version == .http1_1 && fields.isPlain
      && fields.contentLength <= longestBody
  }

  /// The head of an answer as it is sent, with the fields of a `Response` with JSON.
  func head(bytes: Int, _ allocator: ByteBufferAllocator) -> ByteBuffer {
    var head = allocator.buffer(capacity: 192)
    head.writeStaticString(
      "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ")
    head.writeString(String(bytes))
    head.writeStaticString("\r\nCache-Control: no-store\r\nDate: ")
    head.writeString(date.text(at: SystemClock.now))
    head.writeStaticString("\r\n\r\n")
    return head
  }
}

/// The part of a request that has arrived, if a quick route may answer it.
struct HeldRequest {
  var head: HTTPRequestHead
  private(set) var body = ByteBuffer()

  init(head: HTTPRequestHead) { self.head = head }

  mutating func add(_ bytes: ByteBuffer) {
    if body.readableBytes == 0 { body = bytes } else { body.writeImmutableBuffer(bytes) }
  }
}

/// The time of an answer in the form of HTTP (RFC 9110, section 5.6.7), formatted once a second.
final class AnswerDate: Sendable {
  private struct Written {
    var second = Int64.min
    var text = ""
  }

  private let written = Mutex(Written())

  init() {}

  /// - Parameter time: A time after 1970.
  func text(at time: Timestamp) -> String {
    let second = time.milliseconds / 1_000
    return written.withLock { written in
      if written.second != second { written = Written(second: second, text: Self.text(of: time)) }
      return written.text
    }
  }

  private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]

  private static func text(of time: Timestamp) -> String {
    // 2026-03-01T08:15:30.250Z
    let text = "\(time)"
    // 1 January 1970 was a Thursday.
    let day = days[Int((time.milliseconds / 86_400_000 + 4) % 7)]
    let month = months[(Int(text.dropFirst(5).prefix(2)) ?? 1) - 1]
    let (date, clock) = (text.dropFirst(8).prefix(2), text.dropFirst(11).prefix(8))
    return "\(day), \(date) \(month) \(text.prefix(4)) \(clock) GMT"
  }
}

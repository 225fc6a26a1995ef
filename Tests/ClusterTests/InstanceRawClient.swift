internal import ClusterModel
internal import Foundation

/// A TCP connection without any manners, for what a well-behaved client never does.
///
/// It blocks, so it works on a thread of its own: blocked test threads would stop the instance
/// too, which runs in the same process.
final class InstanceRawClient: Sendable {
  private let file: Int32

  init(_ address: Address) throws {
    file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var target = sockaddr_in()
    target.sin_family = sa_family_t(AF_INET)
    target.sin_port = in_port_t(address.port).bigEndian
    target.sin_addr.s_addr = inet_addr(address.host)
    let outcome = withUnsafePointer(to: &target) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard file >= 0, outcome == 0 else { throw Unexpected("no connection") }
  }

  deinit {
    Foundation.close(file)
  }

  /// Sends text; a connection that the other side closed takes what it takes.
  func send(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Foundation.send(file, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }

  /// Reads until the text appears, or the other side closes.
  private func read(until text: String) -> String {
    var seen = ""
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while !seen.contains(text) {
      let count = recv(file, &buffer, buffer.count, 0)
      guard count > 0 else { break }
      seen += String(decoding: buffer[..<count], as: UTF8.self)
    }
    return seen
  }

  /// Opens a session.
  ///
  /// - Parameter times: How often it asks, without waiting for the first answer.
  /// - Returns: Whether it was let in.
  func openSession(times: Int = 1) async -> Bool {
    let body = #"{"kind":"client","user":"ana","computer":"pc1"}"#
    let request =
      "POST /v1/sessions HTTP/1.1\r\nHost: aos\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
      + body
    send(String(repeating: request, count: times))
    return await withCheckedContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          returning: self.read(until: "\"session\"").contains("event: open"))
      }
    }
  }

  /// Makes `close` send a reset.
  func resetOnClose() {
    var atOnce = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      file, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
  }
}

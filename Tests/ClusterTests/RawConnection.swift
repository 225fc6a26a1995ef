import ClusterModel
import Foundation
import Glibc

/// A TCP connection that sends any bytes, be they HTTP or not.
struct RawConnection {
  /// What came of it, once the server has closed the connection.
  struct Outcome {
    var received: String
    var sent: Int

    /// The first line of the last answer.
    var status: String {
      received.split(separator: "\r\n").last { $0.hasPrefix("HTTP/1.") }.map(String.init) ?? ""
    }

    /// The body of the last answer.
    var body: String { received.components(separatedBy: "\r\n\r\n").last ?? "" }
  }

  struct Failed: Error {
    var call: String
    var code = errno
  }

  let address: Address
  /// Sent over and over after the bytes, until the server has had enough.
  var filler: [UInt8] = []
  /// Takes nothing of what the server sends.
  var readsNothing = false
  /// Closes its own side once everything is sent.
  var closesAfter = false

  /// Sends, and reads until the server closes.
  func exchange(_ bytes: [UInt8]) async throws -> Outcome {
    try await withCheckedThrowingContinuation { continuation in
      // A thread of its own: it waits in poll(2).
      Thread.detachNewThread { continuation.resume(with: Result { try run(bytes) }) }
    }
  }

  func exchange(_ text: String) async throws -> Outcome { try await exchange(Array(text.utf8)) }

  private func run(_ bytes: [UInt8]) throws -> Outcome {
    let socket = try connected()
    defer { close(socket) }
    var outcome = Outcome(received: "", sent: 0)
    var received: [UInt8] = []
    var rest = bytes[...]
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      if rest.isEmpty, !filler.isEmpty { rest = filler[...] }
      var entry = pollfd(fd: socket, events: readsNothing ? 0 : Int16(POLLIN), revents: 0)
      if !rest.isEmpty { entry.events |= Int16(POLLOUT) }
      guard poll(&entry, 1, 100_000) > 0 else { throw Failed(call: "poll") }
      if entry.revents & Int16(POLLOUT) != 0 {
        let count = rest.withUnsafeBytes {
          send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 else { break }
        outcome.sent += count
        rest = rest.dropFirst(count)
        if rest.isEmpty, filler.isEmpty, closesAfter { shutdown(socket, Int32(SHUT_WR)) }
      }
      guard entry.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { continue }
      if readsNothing { break }
      let count = recv(socket, &buffer, buffer.count, 0)
      // With a filler the server must cut it off: the end of its answer is not enough.
      guard count > 0 || (count == 0 && !filler.isEmpty) else { break }
      received += buffer.prefix(count)
    }
    outcome.received = String(decoding: received, as: UTF8.self)
    return outcome
  }

  private func connected() throws -> Int32 {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw Failed(call: "socket") }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = in_port_t(UInt16(address.port).bigEndian)
    name.sin_addr.s_addr = inet_addr(address.host)
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(descriptor, $0, size)
      }
    }
    guard result == 0 || errno == EINPROGRESS else {
      close(descriptor)
      throw Failed(call: "connect")
    }
    return descriptor
  }
}

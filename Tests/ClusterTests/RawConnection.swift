import ClusterModel
import Foundation
import Glibc

/// A connection that sends any bytes, be they HTTP or not.
struct RawConnection {
  /// Where it goes.
  enum Door: Sendable {
    case tcp(Address)
    case unix(path: String)
  }

  /// The result, once the server has closed the connection.
  struct Outcome {
    var received: String
    var sent: Int
    /// The server broke the connection off: what it had sent last may be lost.
    var isBroken = false

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

  let door: Door
  /// Sent over and over after the bytes, until the server has had enough.
  var filler: [UInt8] = []
  /// Takes nothing of what the server sends.
  var readsNothing = false
  /// Closes its own side once everything is sent.
  var closesAfter = false

  init(
    address: Address, filler: [UInt8] = [], readsNothing: Bool = false, closesAfter: Bool = false
  ) {
    self.init(.tcp(address), closesAfter: closesAfter)
    (self.filler, self.readsNothing) = (filler, readsNothing)
  }

  init(_ door: Door, closesAfter: Bool = false) {
    (self.door, self.closesAfter) = (door, closesAfter)
  }

  /// Sends one text after the other, each when the one before it was answered.
  ///
  /// - Parameter steps: A text, and what is in the answer to it.
  /// - Returns: All that was received; shorter than wanted where the server closed.
  func converse(_ steps: [(text: String, until: String)]) async throws -> String {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            let socket = try connected()
            defer { close(socket) }
            var seen = ""
            for step in steps {
              let (heard, isOpen) = Self.step(socket, step.text, step.until)
              seen += heard
              guard isOpen else { break }
            }
            return seen
          })
      }
    }
  }

  /// Sends a text and, when the answer holds some words, does something while the connection stays
  /// open.
  func holding<Value: Sendable>(
    _ text: String, until words: String, _ act: () async throws -> Value
  ) async throws -> Value {
    let socket: Int32 = try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            let socket = try connected()
            guard Self.step(socket, text, words).isOpen else {
              close(socket)
              throw Failed(call: "recv")
            }
            return socket
          })
      }
    }
    defer { close(socket) }
    return try await act()
  }

  private static func step(
    _ socket: Int32, _ text: String, _ until: String
  ) -> (heard: String, isOpen: Bool) {
    let bytes = Array(text.utf8)
    var ready = pollfd(fd: socket, events: Int16(POLLOUT), revents: 0)
    _ = poll(&ready, 1, 100_000)
    _ = send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL))
    var heard = ""
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while !heard.contains(until) {
      var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
      guard poll(&entry, 1, 100_000) > 0 else { return (heard, false) }
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else { return (heard, false) }
      heard += String(decoding: buffer.prefix(count), as: UTF8.self)
    }
    return (heard, true)
  }

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
        guard count > 0 else {
          outcome.isBroken = true
          break
        }
        outcome.sent += count
        rest = rest.dropFirst(count)
        if rest.isEmpty, filler.isEmpty, closesAfter { shutdown(socket, Int32(SHUT_WR)) }
      }
      guard entry.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0 else { continue }
      if readsNothing { break }
      let count = recv(socket, &buffer, buffer.count, 0)
      outcome.isBroken = count < 0
      // With a filler the server must cut it off: the end of its answer is not enough.
      guard count > 0 || (count == 0 && !filler.isEmpty) else { break }
      received += buffer.prefix(count)
    }
    outcome.received = String(decoding: received, as: UTF8.self)
    return outcome
  }

  private func connected() throws -> Int32 {
    switch door {
    case .tcp(let address): try Self.connected(to: address)
    case .unix(let path): try Self.connected(to: path)
    }
  }

  private static func connected(to path: String) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard descriptor >= 0 else { throw Failed(call: "socket") }
    var name = sockaddr_un()
    name.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8) }
    let size = socklen_t(MemoryLayout<sockaddr_un>.size)
    let result = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, size) }
    }
    guard result == 0, fcntl(descriptor, F_SETFL, O_NONBLOCK) == 0 else {
      close(descriptor)
      throw Failed(call: "connect")
    }
    return descriptor
  }

  private static func connected(to address: Address) throws -> Int32 {
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

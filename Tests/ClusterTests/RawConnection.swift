import ClusterModel
import Foundation
import Glibc

/// A connection that sends any bytes, be they HTTP or not.
struct RawConnection {
  /// Where it goes.
  enum Door: Sendable {
    case tcp(Address)
    case unix(path: String)
    /// TLS, by the hand of socat. It ignores the server's farewell, and cannot close its own side
    /// alone.
    case tls(Address)

    var isLocal: Bool { if case .unix = self { true } else { false } }
    var isSecure: Bool { if case .tls = self { true } else { false } }
  }

  /// An open connection.
  private struct Line {
    var socket: Int32
    /// Speaks TLS between the socket and the server.
    var speaker: Process?

    func close() {
      Glibc.close(socket)
      speaker?.terminate()
    }
  }

  /// The result, once the server has closed the connection.
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

  let door: Door
  /// Sent over and over after the bytes, until the server has had enough.
  var filler: [UInt8] = []
  /// Takes nothing of what the server sends.
  var readsNothing = false
  /// Takes nothing of what the server sends before everything is sent.
  var readsLast = false
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
            let line = try connected()
            defer { line.close() }
            var seen = ""
            for step in steps {
              let (heard, isOpen) = Self.step(line.socket, step.text, step.until)
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
    let line: Line = try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread {
        continuation.resume(
          with: Result {
            let line = try connected()
            guard Self.step(line.socket, text, words).isOpen else {
              line.close()
              throw Failed(call: "recv")
            }
            return line
          })
      }
    }
    defer { line.close() }
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
    let line = try connected()
    defer { line.close() }
    let socket = line.socket
    var outcome = Outcome(received: "", sent: 0)
    var received: [UInt8] = []
    var rest = bytes[...]
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      if rest.isEmpty, !filler.isEmpty { rest = filler[...] }
      let reads = !readsNothing && (rest.isEmpty || !readsLast)
      var entry = pollfd(fd: socket, events: reads ? Int16(POLLIN) : 0, revents: 0)
      if !rest.isEmpty { entry.events |= Int16(POLLOUT) }
      guard poll(&entry, 1, 100_000) > 0 else { throw Failed(call: "poll") }
      if entry.revents & Int16(POLLOUT) != 0 {
        let count = rest.withUnsafeBytes {
          send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard count > 0 || readsLast else { break }
        // What has been answered is there to be read.
        guard count > 0 else {
          rest = []
          continue
        }
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

  private func connected() throws -> Line {
    switch door {
    case .tcp(let address): Line(socket: try Self.connected(to: address))
    case .unix(let path): Line(socket: try Self.connected(to: path))
    case .tls(let address): try Self.securelyConnected(to: address)
    }
  }

  private static func securelyConnected(to address: Address) throws -> Line {
    var ends: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0, fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0
    else { throw Failed(call: "socketpair") }
    let speaker = Process()
    speaker.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    speaker.arguments = [
      "socat", "-t", "100", "FD:0,shut-down", "OPENSSL:\(address),verify=0",
    ]
    let end = FileHandle(fileDescriptor: ends[1], closeOnDealloc: true)
    speaker.standardInput = end
    speaker.standardOutput = end
    speaker.standardError = FileHandle.nullDevice
    try speaker.run()
    try end.close()
    return Line(socket: ends[0], speaker: speaker)
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

import ClusterModel
import Foundation
import Glibc
import Synchronization

/// A TCP or Unix socket that blocks, for what a well-behaved program never does. Its calls belong
/// on threads of their own.
final class BlockingSocket: Sendable {
  struct Failed: Error {
    var call: String
    var code = errno
  }

  let file: Int32

  init(_ file: Int32) { self.file = file }

  init(to address: Address) throws {
    file = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = Self.name(port: address.port)
    let result = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw Failed(call: "connect") }
  }

  deinit { close(file) }

  static func name(port: Int) -> sockaddr_in {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = in_port_t(UInt16(port).bigEndian)
    name.sin_addr.s_addr = inet_addr("127.0.0.1")
    return name
  }

  /// - Returns: How many bytes were sent before the connection broke.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Int {
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { break }
      sent += count
    }
    return sent
  }

  @discardableResult
  func send(_ text: String) -> Int { send(Array(text.utf8)) }

  /// What comes next; empty at the end.
  func receive(atMost limit: Int = 64 << 10) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: limit)
    let count = recv(file, &buffer, limit, 0)
    return count > 0 ? Array(buffer.prefix(count)) : []
  }

  func receive(exactly wanted: Int) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < wanted {
      let more = receive(atMost: wanted - bytes.count)
      guard !more.isEmpty else { break }
      bytes += more
    }
    return bytes
  }

  func receive(until words: String) -> String {
    var text = ""
    while !text.contains(words) {
      let more = receive(atMost: 1)
      guard !more.isEmpty else { break }
      text += String(decoding: more, as: UTF8.self)
    }
    return text
  }

  func receiveAll() -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let more = receive()
      guard !more.isEmpty else { return bytes }
      bytes += more
    }
  }

  /// Sends until everything is sent, or nothing was taken for three seconds.
  ///
  /// - Returns: How many bytes were taken.
  func sendUntilStuck(_ bytes: [UInt8]) -> Int {
    var sent = 0
    while sent < bytes.count {
      var entry = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
      guard poll(&entry, 1, 3_000) > 0 else { break }
      let count = bytes[sent...].withUnsafeBytes {
        Glibc.send(file, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT))
      }
      guard count > 0 else { break }
      sent += count
    }
    return sent
  }

  /// Closes this side; the other may go on.
  func finish() { shutdown(file, Int32(SHUT_WR)) }

  /// Makes its end a reset.
  func resetAtEnd() {
    var atOnce = linger(l_onoff: 1, l_linger: 0)
    setsockopt(file, SOL_SOCKET, SO_LINGER, &atOnce, socklen_t(MemoryLayout<linger>.size))
  }

  /// Takes as little as the kernel allows, so that a sender soon waits.
  func keepBuffersSmall() {
    var bytes: Int32 = 4_096
    for option in [SO_RCVBUF, SO_SNDBUF] {
      setsockopt(file, SOL_SOCKET, option, &bytes, socklen_t(MemoryLayout<Int32>.size))
    }
  }
}

/// Does something that blocks, on a thread of its own.
func onThread<Value: Sendable>(_ work: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    Thread.detachNewThread { continuation.resume(returning: work()) }
  }
}

/// The server behind an instance: does the same with every connection, each on its own thread.
final class TestApplication: Sendable {
  let address: Address
  private let listener: Int32
  private let accepted = Atomic<Int>(0)

  /// Connections that came in.
  var connections: Int { accepted.load(ordering: .relaxed) }

  /// - Parameter serve: The connection is closed when it is done and lets go of the socket.
  init(_ serve: @escaping @Sendable (BlockingSocket) -> Void) throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = BlockingSocket.name(port: 0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let file = listener
    let result = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        bind(file, name, length) == 0 && listen(file, 1_024) == 0
          ? getsockname(file, name, &length) : -1
      }
    }
    guard result == 0 else { throw BlockingSocket.Failed(call: "bind") }
    address = try Address(host: "127.0.0.1", port: Int(UInt16(bigEndian: name.sin_port)))
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(file, nil, nil)
        guard connection >= 0 else {
          close(file)
          return
        }
        accepted.wrappingAdd(1, ordering: .relaxed)
        let socket = BlockingSocket(connection)
        Thread.detachNewThread { serve(socket) }
      }
    }
  }

  /// Gives back what it gets.
  static func echo() throws -> TestApplication {
    try TestApplication { socket in
      while true {
        let bytes = socket.receive()
        guard !bytes.isEmpty else { return }
        socket.send(bytes)
      }
    }
  }

  /// Takes no more connections.
  func stop() {
    shutdown(listener, Int32(SHUT_RDWR))
  }
}

/// Bytes that show where one is missing or doubled: the same for the same seed.
func pattern(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
  var mixer = SplitMix64(seed: seed)
  var bytes: [UInt8] = []
  bytes.reserveCapacity(count + 8)
  while bytes.count < count {
    withUnsafeBytes(of: mixer.next()) { bytes += $0 }
  }
  return Array(bytes.prefix(count))
}

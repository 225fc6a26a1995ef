internal import Glibc
internal import RealPrograms

/// A TCP socket on 127.0.0.1, as near to the kernel as it gets: what is at both ends of
/// traffic must not be what is measured. Closed when nothing refers to it any more.
final class LoopbackSocket {
  let file: Int32

  /// - Throws: `ProgramFailure`.
  init() throws {
    file = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard file >= 0 else { throw ProgramFailure("socket", errno) }
  }

  deinit { close(file) }

  /// Connected. A call of it that waits for ten seconds fails.
  convenience init(to port: Int) throws {
    try self.init()
    var name = Self.name(port)
    let result = withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(file, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else { throw ProgramFailure("connect to port \(port)", errno) }
    Self.sendAtOnce(file)
    var limit = timeval(tv_sec: 10, tv_usec: 0)
    for option in [SO_RCVTIMEO, SO_SNDTIMEO] {
      setsockopt(file, SOL_SOCKET, option, &limit, socklen_t(MemoryLayout<timeval>.size))
    }
  }

  private static func name(_ port: Int) -> sockaddr_in {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = in_port_t(UInt16(port).bigEndian)
    name.sin_addr.s_addr = inet_addr("127.0.0.1")
    return name
  }

  /// Small messages do not wait for more.
  static func sendAtOnce(_ file: Int32) {
    var yes: Int32 = 1
    setsockopt(file, Int32(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Takes a port that is free now.
  func bindToFreePort() throws -> Int {
    var name = Self.name(0)
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(file, $0, size) == 0 ? getsockname(file, $0, &size) : -1
      }
    }
    guard result == 0 else { throw ProgramFailure("bind", errno) }
    return Int(UInt16(bigEndian: name.sin_port))
  }

  /// - Returns: The port.
  func listen() throws -> Int {
    let port = try bindToFreePort()
    guard Glibc.listen(file, 1_024) == 0 else { throw ProgramFailure("listen", errno) }
    return port
  }

  // MARK: Waiting calls

  /// - Throws: `ProgramFailure` where not all of it is taken.
  func send(_ bytes: [UInt8]) throws {
    guard Glibc.send(file, bytes, bytes.count, 0) == bytes.count else {
      throw ProgramFailure("send", errno)
    }
  }

  /// - Throws: `ProgramFailure` where fewer come.
  func receive(_ count: Int, into buffer: inout [UInt8]) throws {
    guard recv(file, &buffer, count, Int32(MSG_WAITALL)) == count else {
      throw ProgramFailure("receive", errno)
    }
  }

  /// What comes in one piece, as text.
  func receiveText() -> String {
    var buffer = [UInt8](repeating: 0, count: 4_096)
    let count = recv(file, &buffer, buffer.count, 0)
    return String(decoding: buffer.prefix(max(count, 0)), as: UTF8.self)
  }

  // MARK: Calls that do not wait

  /// - Returns: How many bytes were taken; nil where the connection has ended.
  func sendSome(_ count: Int, of buffer: [UInt8]) -> Int? {
    let sent = Glibc.send(file, buffer, min(count, buffer.count), Int32(MSG_DONTWAIT))
    return sent < 0 && errno == EAGAIN ? 0 : sent > 0 ? sent : nil
  }

  /// - Returns: How many bytes came; nil where the connection has ended.
  func receiveSome(_ count: Int, into buffer: inout [UInt8]) -> Int? {
    let limit = min(count, buffer.count)
    let came = recv(file, &buffer, limit, Int32(MSG_DONTWAIT))
    return came < 0 && errno == EAGAIN ? 0 : came > 0 ? came : nil
  }
}

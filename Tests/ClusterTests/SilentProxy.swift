import Foundation
import Synchronization
import TestSupport

/// A line between a daemon and another program that a test can cut without a word: both ends stay
/// connected, and nothing arrives any more.
final class SilentProxy: Sendable {
  /// To what the line leads.
  enum Target: Sendable {
    case port(Int)
    case socket(path: String)
  }

  private struct State {
    var target: Target?
    /// Nothing is carried to the client.
    var isSilent = false
    /// Falls silent with the first request that holds this.
    var word: [UInt8]?
    var descriptors: [Int32] = []
  }

  let port: Int
  private let listener: Int32
  private let state = Mutex(State())

  init() throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let result = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        bind(descriptor, name, length) == 0 ? getsockname(descriptor, name, &length) : -1
      }
    }
    guard result == 0, listen(listener, 64) == 0 else { throw NeverHappened(what: "it listens") }
    port = Int(UInt16(bigEndian: name.sin_port))
    Thread.detachNewThread { [self] in
      while case let client = accept(listener, nil, nil), client >= 0 { carry(client) }
    }
  }

  func lead(to target: Target) { state.withLock { $0.target = target } }

  /// Carries nothing to the client from now on, or from the first request that holds a word.
  func fallSilent(at word: String? = nil) {
    state.withLock { state in
      if let word { state.word = Array(word.utf8) } else { state.isSilent = true }
    }
  }

  /// Carries again what comes from now on; what was swallowed stays lost.
  func speak() { state.withLock { $0.isSilent = false } }

  func close() {
    shutdown(listener, Int32(SHUT_RDWR))
    for descriptor in state.withLock({ $0.descriptors }) { shutdown(descriptor, Int32(SHUT_RDWR)) }
  }

  private func carry(_ client: Int32) {
    guard let target = state.withLock({ $0.target }), let server = Self.connect(to: target) else {
      Glibc.close(client)
      return
    }
    state.withLock { $0.descriptors += [client, server] }
    Thread.detachNewThread { [self] in pump(from: client, to: server, isRequest: true) }
    Thread.detachNewThread { [self] in pump(from: server, to: client, isRequest: false) }
  }

  private func pump(from source: Int32, to destination: Int32, isRequest: Bool) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(source, &buffer, buffer.count), count > 0 {
      let isCarried = state.withLock { state in
        if isRequest, let word = state.word, buffer[..<count].firstRange(of: word) != nil {
          (state.isSilent, state.word) = (true, nil)
        }
        return isRequest || !state.isSilent
      }
      if isCarried { _ = send(destination, buffer, count, Int32(MSG_NOSIGNAL)) }
    }
    shutdown(destination, Int32(SHUT_RDWR))
  }

  private static func connect(to target: Target) -> Int32? {
    switch target {
    case .port(let port):
      var name = sockaddr_in()
      name.sin_family = sa_family_t(AF_INET)
      name.sin_port = UInt16(port).bigEndian
      name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
      return connect(AF_INET, &name)
    case .socket(let path):
      var name = sockaddr_un()
      name.sun_family = sa_family_t(AF_UNIX)
      withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: path.utf8.prefix(107)) }
      return connect(AF_UNIX, &name)
    }
  }

  private static func connect<Name>(_ family: Int32, _ name: inout Name) -> Int32? {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    let length = socklen_t(MemoryLayout<Name>.size)
    let result = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, length)
      }
    }
    return result == 0 ? descriptor : nil
  }
}

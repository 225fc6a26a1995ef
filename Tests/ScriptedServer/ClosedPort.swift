package import ClusterClient
package import ClusterModel
internal import Glibc

/// A port of this machine at which nobody listens, and that nobody else is given until it is
/// released: connections to it are refused.
package struct ClosedPort: Sendable {
  package let address: Address
  private let descriptor: Int32

  package init() throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let held = descriptor
    let result = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        bind(held, name, length) == 0 ? getsockname(held, name, &length) : -1
      }
    }
    let port = result == 0 ? Int(UInt16(bigEndian: name.sin_port)) : 0
    address = try Address(host: "127.0.0.1", port: port)
  }

  package func release() { close(descriptor) }

  package var endpoint: Endpoint { .http(address) }
}

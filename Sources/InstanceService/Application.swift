package import ClusterModel

/// The server behind an instance: any server on TCP or a Unix socket.
package enum Application: Hashable, Sendable {
  case tcp(Address)
  case unix(path: String)
}

extension Application: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tcp(let address): address.description
    case .unix(let path): "unix:\(path)"
    }
  }
}

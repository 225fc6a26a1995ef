internal import ClusterModel
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

extension Error {
  /// What went wrong, in plain words without type names of a library. This includes the errors of
  /// listeners and connections.
  package var networkWords: String {
    let error: any Error = self
    return switch error {
    case let error as IOError: String(cString: strerror(error.errnoCode))
    case let error as NIOConnectionError:
      error.connectionErrors.first.map { $0.error.networkWords }
        ?? "the name \(error.host) is not known"
    case is SocketAddressError, is SocketAddressError.UnknownHost:
      "the name or address is not known"
    case ChannelError.connectTimeout: "no connection was made in time"
    case is ChannelError: "the connection was closed"
    case is NIOSSLError, is NIOSSLExtraError: "TLS failed"
    default: plainWords
    }
  }
}

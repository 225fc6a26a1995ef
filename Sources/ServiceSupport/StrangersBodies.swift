internal import ClusterAPI
internal import ClusterModel
internal import Hummingbird
internal import Synchronization

/// Counts the longer bodies of requests that anybody may send, so that endless bodies cannot fill
/// the memory. A body within `Limits.strangersBodyBytes` is not counted: it needs less memory than
/// its connection.
final class StrangersBodies: Sendable {
  /// A place for one body, which is free again when nobody refers to this object.
  final class Seat: Sendable {
    private let bodies: StrangersBodies
    private let network: NetworkKey

    fileprivate init(_ bodies: StrangersBodies, _ network: NetworkKey) {
      (self.bodies, self.network) = (bodies, network)
    }

    deinit { bodies.leave(network) }
  }

  private let underWay = Mutex(Shares<NetworkKey>())

  /// - Returns: Nil where the request needs no place.
  /// - Throws: `Problem`, `too-many`.
  func seat(for request: Request, _ access: Access, from peer: Peer) throws(Problem) -> Seat? {
    guard access == .open || access == .selfProving, request.mayHaveLongBody else { return nil }
    let network = peer.network
    let enters = underWay.withLock {
      $0.claim(
        by: network, most: Limits.strangersBodiesOfNetwork, mostInAll: Limits.strangersBodies)
    }
    guard enters else {
      throw Problem(.tooMany, "Too many long bodies are being read from there.")
    }
    return Seat(self, network)
  }

  private func leave(_ network: NetworkKey) {
    underWay.withLock { $0.giveBack(of: network) }
  }
}

extension Request {
  fileprivate var mayHaveLongBody: Bool {
    if headers[.transferEncoding] != nil { return true }
    guard let length = headers[.contentLength] else { return false }
    return Int(length).map { $0 > Limits.strangersBodyBytes } ?? true
  }
}

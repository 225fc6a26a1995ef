internal import ClusterAPI
internal import ClusterModel
internal import Hummingbird
internal import Synchronization

/// Counts the longer bodies of requests that anybody may send, so that nobody fills the memory with
/// bodies that never end. What fits into `Limits.strangersBodyBytes` is not counted: it costs no
/// more than its connection.
final class StrangersBodies: Sendable {
  /// Room for one body, given back when nobody refers to it any more.
  final class Seat: Sendable {
    private let bodies: StrangersBodies
    private let network: NetworkKey

    fileprivate init(_ bodies: StrangersBodies, _ network: NetworkKey) {
      (self.bodies, self.network) = (bodies, network)
    }

    deinit { bodies.leave(network) }
  }

  private let underWay = Mutex<(of: [NetworkKey: Int], total: Int)>(([:], 0))

  /// - Returns: Nil where the request needs none.
  /// - Throws: `Problem`, `too-many`.
  func seat(for request: Request, _ access: Access, from peer: Peer) throws(Problem) -> Seat? {
    guard access == .open || access == .selfProving, request.mayHaveLongBody else { return nil }
    let network = peer.network
    let enters = underWay.withLock { bodies in
      let own = bodies.of[network, default: 0]
      guard own < Limits.strangersBodiesOfNetwork, bodies.total < Limits.strangersBodies else {
        return false
      }
      bodies.of[network] = own + 1
      bodies.total += 1
      return true
    }
    guard enters else {
      throw Problem(.tooMany, "Too many long bodies are being read from there.")
    }
    return Seat(self, network)
  }

  private func leave(_ network: NetworkKey) {
    underWay.withLock { bodies in
      bodies.total -= 1
      guard let own = bodies.of[network] else { return }
      bodies.of[network] = own > 1 ? own - 1 : nil
    }
  }
}

extension Request {
  fileprivate var mayHaveLongBody: Bool {
    if headers[.transferEncoding] != nil { return true }
    guard let length = headers[.contentLength] else { return false }
    return Int(length).map { $0 > Limits.strangersBodyBytes } ?? true
  }
}

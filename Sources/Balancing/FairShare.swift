internal import ClusterModel

/// How many places one network of clients may reserve at one time.
///
/// Handshakes need no token, so a stranger could reserve every place for clients that never come.
/// On the other hand, one address often stands for many users: a terminal server, a router, a proxy
/// in front of the whole cluster. So an address may have half of the free places, which is enough
/// for the morning's logon storm of one address in a large cluster. In a small cluster it may have
/// 64, enough for the sixty users of a terminal server, but never the last quarter. A client beyond
/// the share gets the list without a reservation.
enum FairShare {
  /// - Parameter free: The number of places without a session on all servers of the list.
  static func places(ofFree free: Int) -> Int {
    max(free / 2, min(Limits.reservationsOfNetwork, (3 * free + 3) / 4))
  }
}

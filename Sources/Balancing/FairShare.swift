internal import ClusterModel

/// How many places one network of clients may have reserved at a time.
///
/// Handshakes need no token, so somebody could reserve every place for clients that never come.
/// One address often stands for many users, though: a terminal server, a router, a proxy in front
/// of the whole cluster. So it may have half of the free places, which lets a morning's logon
/// storm of one address through in a large cluster. In a small one it may have 64, enough for the
/// sixty users of a terminal server, but never the last quarter. Who exceeds the share gets the
/// list all the same, and reserves nothing.
enum FairShare {
  /// - Parameter free: Places of all servers of the list that no session has.
  static func places(ofFree free: Int) -> Int {
    max(free / 2, min(Limits.reservationsOfNetwork, (3 * free + 3) / 4))
  }
}

/// The limits of a daemon, so that no client takes it away from all others.
package struct ServiceLimits: Equatable, Sendable {
  /// Connections over TCP at one time; 0: as many as there are descriptors for, minus a reserve.
  package var connections = 0
  /// Connections over TCP from one address at one time; 0: any number. The limit is high, since a
  /// terminal server or a router stands for many users.
  package var connectionsPerAddress = 10_000
  /// From the opening of a connection to the end of the first head.
  package var headMilliseconds: Int64 = 20_000
  /// From the end of a head to the end of its body.
  package var bodyMilliseconds: Int64 = 30_000
  /// Between two requests, and for any head but the first.
  package var idleMilliseconds: Int64 = 75_000
  /// A peer that reads nothing of an answer for this long is cut off.
  package var stallMilliseconds: Int64 = 60_000
  /// The most bytes of one header field, and of all fields of a request.
  package var headerFieldBytes = 8_192
  package var headerBytes = 16_384
  /// The most header fields of a request. One needs a few hundred bytes of memory, however short it
  /// is.
  package var headerFields = 64
  /// Readers of a balancer's status feed at one time, over TCP and again over the Unix socket:
  /// 1,000 dashboards, and some reserve for scripts.
  package var feedReaders = 2_000
  /// How many of them may use one token, which a whole department may share.
  package var feedReadersPerToken = 200

  package init() {}
}

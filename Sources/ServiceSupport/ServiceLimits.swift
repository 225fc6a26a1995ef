/// What a daemon puts up with, so that nobody takes it away from everybody else.
package struct ServiceLimits: Equatable, Sendable {
  /// Connections over TCP at one time; 0: as many as there are descriptors for, less a reserve.
  package var connections = 0
  /// Connections over TCP from one address at one time; 0: any number. Generous, since a
  /// terminal server or a router stands for many users.
  package var connectionsPerAddress = 10_000
  /// From the opening of a connection to the end of its first request's head.
  package var headMilliseconds: Int64 = 20_000
  /// From the end of a request's head to the end of its body.
  package var bodyMilliseconds: Int64 = 30_000
  /// Between two requests, and within the head of any but the first.
  package var idleMilliseconds: Int64 = 75_000
  /// A peer that takes nothing of an answer for so long is cut off.
  package var stallMilliseconds: Int64 = 60_000
  /// Bytes of one header field, and of all of a request.
  package var headerFieldBytes = 8_192
  package var headerBytes = 16_384
  /// Header fields of a request; one costs a few hundred bytes, however short it is.
  package var headerFields = 64
  /// Readers of a balancer's status feed at one time, over TCP and again over the Unix socket:
  /// 1,000 dashboards and room for scripts.
  package var feedReaders = 2_000
  /// Those of them that show one token, which a whole department may share.
  package var feedReadersPerToken = 200

  package init() {}
}

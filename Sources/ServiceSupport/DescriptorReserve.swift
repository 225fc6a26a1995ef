internal import Glibc

/// How many files a process may have open, and how many of them no connection may take: what the
/// daemon itself needs, and what is kept for its operators.
///
/// A process that has used up its descriptors can accept nobody, not even to refuse a client,
/// opens no file of its registry, and is killed by libdispatch, which reads `/proc` now and then
/// and ends the process where it cannot. So connections end before that:
///
///     0 … clients … waitsFrom … own connections … opensUntil … operators … waitsFrom … free
///
/// Clients leave room for the daemon's own connections, and those for operators, who must get in
/// to see that descriptors are short. The other way round, of its own connections the daemon has
/// that room for sure, and more only as long as a quarter of all is left to clients.
struct DescriptorReserve: Equatable, Sendable {
  /// Descriptors are numbered from 0 to below this (`RLIMIT_NOFILE`).
  let limit: Int
  /// From this number on a connection is refused with words.
  let refusesFrom: Int
  /// From here on it is closed without: each refused one stays for a moment.
  let cutsFrom: Int
  /// From here on none is accepted until one has gone.
  let waitsFrom: Int
  /// From here on the process opens no connection itself.
  let opensUntil: Int
  /// Connections of its own that the process has room for, however many clients there are. They
  /// do not count against clients. 0 for a Unix socket, whose room begins behind them.
  let own: Int
  /// Above that room it opens more only while fewer descriptors are in use without it.
  let opensMoreUntil: Int

  /// Most that are accepted at one go, before anybody looks at the first.
  static let batch = 4

  /// - Parameters:
  ///   - limit: At least 32 for a daemon that is to do anything.
  ///   - isForOperators: A Unix socket: it may take what is kept for operators.
  init(limit: Int, isForOperators: Bool) {
    self.limit = limit
    // For files, and for what was not counted yet.
    let free = min(max(limit / 64, 4), 64)
    let operators = min(max(limit / 16, 8), 64)
    let room = min(max(limit / 16, 8), 1_024)
    let refused = min(max(limit / 32, 2), 16)
    let last = limit - free - Self.batch
    opensUntil = last - Self.batch - refused - operators
    own = isForOperators ? 0 : room
    waitsFrom = isForOperators ? last : opensUntil - room
    cutsFrom = waitsFrom - Self.batch
    refusesFrom = cutsFrom - refused
    opensMoreUntil = refusesFrom - limit / 4
  }

  /// For the limit of this process as it is now.
  init(isForOperators: Bool) {
    var limits = rlimit()
    let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0
    // Beyond this the kernel gives none anyway (fs.nr_open).
    let limit = isKnown ? Int(min(limits.rlim_cur, 1 << 30)) : 1_024
    self.init(limit: limit, isForOperators: isForOperators)
  }
}

/// What a process can ask of its descriptors.
struct Descriptors: Sendable {
  /// The lowest number that nothing has; `Int.max` where there is none left. The kernel gives
  /// the lowest, so asking costs no more than opening something.
  var lowestFree: @Sendable () -> Int = {
    let descriptor = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return .max }
    close(descriptor)
    return Int(descriptor)
  }

  /// How many are in use. Takes some milliseconds where they are many thousands.
  var count: @Sendable () -> Int = { Int(ProcessFigures.descriptorCount) }
}

internal import Glibc

/// How many files a process may open, and how many of them stay free of connections: those that the
/// daemon itself needs, and those that are reserved for its operators.
///
/// A process without free descriptors can accept nobody, not even to refuse a client, and can open
/// no file of its registry. Besides, libdispatch reads `/proc` now and then and ends the process if
/// it cannot. So connections end before that:
///
///     0 … clients … waitsFrom … own connections … opensUntil … operators … waitsFrom … free
///
/// Clients leave room for the daemon's own connections, and these leave room for operators, who
/// must get in to see that descriptors are short. For its own connections the daemon has that room
/// in any case, and more only while a quarter of all descriptors is left to clients.
struct DescriptorReserve: Equatable, Sendable {
  /// Descriptors have numbers from 0 up to, but not including, this one (`RLIMIT_NOFILE`).
  let limit: Int
  /// From this number on a connection is refused with an answer.
  let refusesFrom: Int
  /// From this number on it is closed without an answer, since a refused connection stays for a
  /// moment.
  let cutsFrom: Int
  /// From this number on none is accepted until another one has ended.
  let waitsFrom: Int
  /// From this number on the process opens no connection itself.
  let opensUntil: Int
  /// How many connections of its own the process has room for, however many clients there are. They
  /// do not count against clients. 0 for a Unix socket, whose room begins after them.
  let own: Int
  /// Beyond that room it opens more only while fewer descriptors than this are in use, without its
  /// own.
  let opensMoreUntil: Int

  /// The most connections that are accepted at one time, before the first of them is checked.
  static let batch = 4

  /// - Parameters:
  ///   - limit: A daemon needs at least 32.
  ///   - isForOperators: Whether it is for a Unix socket, which may use what is reserved for
  ///     operators.
  init(limit: Int, isForOperators: Bool) {
    self.limit = limit
    // For files, and for descriptors that were not counted yet.
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

  /// The reserve for the present limit of this process.
  init(isForOperators: Bool) {
    var limits = rlimit()
    let isKnown = getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limits) == 0
    // The kernel gives no more than this anyway (fs.nr_open).
    let limit = isKnown ? Int(min(limits.rlim_cur, 1 << 30)) : 1_024
    self.init(limit: limit, isForOperators: isForOperators)
  }
}

/// What a process can find out about its descriptors.
struct Descriptors: Sendable {
  /// The lowest free number; `Int.max` where there is none. The kernel always gives the lowest one,
  /// so this takes no longer than opening a file.
  var lowestFree: @Sendable () -> Int = {
    let descriptor = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { return .max }
    close(descriptor)
    return Int(descriptor)
  }

  /// The number in use. This takes some milliseconds with many thousands.
  var count: @Sendable () -> Int = { Int(ProcessFigures.descriptorCount) }
}

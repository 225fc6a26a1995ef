internal import Glibc

/// How many files a process may have open, and how many of them no connection may take: what the
/// daemon itself needs, and what is kept for its operators.
///
/// A process that has used up its descriptors can accept nobody, not even to refuse him, open no
/// file of its registry, and burns a processor in trying. So connections end before that.
struct DescriptorReserve: Equatable, Sendable {
  /// Descriptors are numbered from 0 to below this (`RLIMIT_NOFILE`).
  let limit: Int
  /// From this number on a connection is refused with words.
  let refusesFrom: Int
  /// From here on it is closed without: each refused one stays for a moment.
  let cutsFrom: Int
  /// From here on none is accepted until one has gone.
  let waitsFrom: Int

  /// Most that are accepted at one go, before anybody looks at the first.
  static let batch = 4

  /// - Parameters:
  ///   - limit: At least 32 for a daemon that is to do anything.
  ///   - isForOperators: A Unix socket: it may take what is kept for operators.
  init(limit: Int, isForOperators: Bool) {
    self.limit = limit
    let own = min(max(limit / 16, 8), 1_024)
    let operators = min(max(limit / 16, 12), 64)
    let refused = min(max(limit / 32, 2), 16)
    waitsFrom = limit - own - (isForOperators ? 0 : operators)
    cutsFrom = waitsFrom - Self.batch
    refusesFrom = cutsFrom - refused
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

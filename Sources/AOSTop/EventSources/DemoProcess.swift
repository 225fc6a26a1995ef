internal import ClusterClient
internal import FoundationEssentials
internal import Glibc
internal import ProgramSupport
internal import SmallFiles

/// The demo cluster: an `aosd demo` that lives as long as this value. It also ends with this
/// process, however that ends, because it stops when its standard input is closed.
struct DemoProcess: ~Copyable {
  /// Readable when it has printed something or has ended.
  let descriptor: Int32
  let endpoint: Endpoint

  /// What is known about the process.
  enum State: Equatable {
    case starting, ready, ended
  }

  private let child: pid_t
  private let input: Int32
  private let folder: String
  private var said: [UInt8] = []
  private(set) var state = State.starting

  /// How long it may take to end before it is killed, in milliseconds.
  private static let patience: Int32 = 1_000
  /// The most bytes of its first line.
  private static let longestLine = 4_096

  private init(
    folder: String, endpoint: Endpoint, spawned: (child: pid_t, input: Int32, output: Int32)
  ) {
    self.folder = folder
    self.endpoint = endpoint
    (child, input, descriptor) = spawned
  }

  /// Starts the `aosd` in the folder of this program.
  static func start() throws(Failure) -> DemoProcess {
    guard let programs = Surroundings.programFolder else {
      throw Failure(.unreachable, "the folder of aostop is not known, so aosd is not found")
    }
    let program = programs + "/aosd"
    guard access(program, X_OK) == 0 else {
      throw Failure(.unreachable, "the demo needs aosd beside aostop: \(program) does not exist")
    }
    let folder = try makeFolder()
    let socket = folder + "/balancer.sock"
    do throws(Failure) {
      let spawned = try spawn(
        [program, "demo", "--within", folder], log: folder + "/log")
      return DemoProcess(folder: folder, endpoint: .unix(path: socket), spawned: spawned)
    } catch {
      try? FileManager.default.removeItem(atPath: folder)
      throw error
    }
  }

  /// Makes a folder that nobody else can enter.
  private static func makeFolder() throws(Failure) -> String {
    // The path of a socket has at most 103 bytes, so the folder's path must be short.
    let parents = [Surroundings.variables["TMPDIR"], "/tmp"].compactMap { $0 }
    for parent in parents where parent.utf8.count < 60 && parent.hasPrefix("/") {
      if let folder = try? PrivateFolder.make("aostop", in: parent) { return folder }
    }
    throw Failure(
      .unreachable, "no folder for the demo can be made in \(parents.joined(separator: ", "))")
  }

  /// Reads what the process has printed.
  mutating func read() {
    var part = [UInt8](repeating: 0, count: 512)
    while state != .ended {
      let count = Glibc.read(descriptor, &part, part.count)
      if count > 0 {
        if said.count < Self.longestLine { said += part[..<count] }
      } else {
        if count == 0 || errno != EAGAIN { state = .ended }
        break
      }
    }
    if state == .starting, said.starts(with: "ready ".utf8), said.contains(10) { state = .ready }
  }

  /// Waits until the demo serves.
  ///
  /// - Parameter end: A descriptor that cancels the wait.
  mutating func waitUntilReady(orUntil end: Int32) throws(Failure) {
    while state == .starting {
      var wanted = [descriptor, end].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      poll(&wanted, 2, -1)
      if wanted[1].revents != 0 { throw Failure(.done, []) }
      read()
    }
    if state == .ended { throw failure }
  }

  /// Why the demo has ended, with the last line that it printed.
  var failure: Failure {
    let log = (try? String(contentsOfFile: folder + "/log", encoding: .utf8)) ?? ""
    let last = log.split(separator: "\n").suffix(5).map(String.init)
    return Failure(.unreachable, ["the demo cluster has ended"] + last)
  }

  deinit {
    close(input)
    kill(child, SIGTERM)
    var wanted = pollfd(fd: descriptor, events: 0, revents: 0)  // hangs up when it has ended
    if poll(&wanted, 1, Self.patience) == 0 { kill(child, SIGKILL) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    close(descriptor)
    try? FileManager.default.removeItem(atPath: folder)
  }
}

extension DemoProcess {
  /// Starts a program in a separate process group, so that Ctrl-Z here does not stop it.
  private static func spawn(
    _ words: [String], log: String
  ) throws(Failure) -> (child: pid_t, input: Int32, output: Int32) {
    let (input, output) = (try makePipe(), try makePipe())
    defer {
      close(input.reading)
      close(output.writing)
    }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, input.reading, STDIN_FILENO)
    posix_spawn_file_actions_adddup2(&actions, output.writing, STDOUT_FILENO)
    posix_spawn_file_actions_addopen(
      &actions, STDERR_FILENO, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var signals = sigset_t()
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
    sigfillset(&signals)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
    let arguments = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    var child = pid_t()
    let error = posix_spawn(&child, words[0], &actions, &attributes, arguments + [nil], environ)
    guard error == 0 else {
      close(input.writing)
      close(output.reading)
      throw Failure(
        .unreachable, "\(words[0]) cannot be started: \(String(cString: strerror(error)))")
    }
    _ = fcntl(output.reading, F_SETFL, O_NONBLOCK)
    return (child, input.writing, output.reading)
  }

  /// The pipe is closed in the child, except for the end that the child gets.
  private static func makePipe() throws(Failure) -> (reading: Int32, writing: Int32) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Failure(.unreachable, "too many open files") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return (ends[0], ends[1])
  }
}

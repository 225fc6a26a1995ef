internal import ArgumentParser
internal import ClusterClient
internal import ClusterModel
internal import Glibc
internal import Logging
internal import ProgramSupport
internal import ServiceLifecycle
internal import ServiceSupport
internal import UnixSignals

/// A subcommand that runs a daemon until it is stopped.
protocol DaemonCommand: AsyncParsableCommand {
  /// The names of its options, which the environment and a file may also contain. A test compares
  /// this list with the parser's.
  static var settings: [Settings.Setting] { get }
}

/// The options of every daemon.
struct DaemonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Read options from this file. The command line and the environment override it.",
      valueName: "file"),
    completion: .file())
  var config: String?

  @Option(
    help: ArgumentHelp(
      "Log messages of this level and above: debug, info, notice, warning or error.",
      valueName: "level"),
    completion: .list(["debug", "info", "notice", "warning", "error"]),
    transform: DaemonOptions.level)
  var logLevel: Logger.Level = .notice

  static let settings: [Settings.Setting] = [Settings.Setting("log-level")]

  private static func level(_ text: String) throws -> Logger.Level {
    guard let level = Logger.Level(rawValue: text) else {
      throw ValidationError("it must be debug, info, notice, warning or error")
    }
    return level
  }

  func logger(for name: String) -> Logger {
    var logger = Logger(label: name) { _ in
      WithoutRepeats(LineLogHandler.forThisProcess())
    }
    logger.logLevel = logLevel
    return logger
  }

  /// Runs services until SIGTERM or Ctrl-C. Then they stop in reverse order, and those that take
  /// longer than five seconds are cut off.
  ///
  /// - Parameter beforeStop: Runs after the signal and before the stop; a second signal interrupts
  ///   it.
  /// - Throws: The error with which they ended by themselves.
  func run(
    _ services: [any ServiceLifecycle.Service],
    beforeStop: (@Sendable () async -> Void)? = nil, endsWithTerminal: Bool = false,
    logger: Logger
  ) async throws {
    // At a lower level the library reports its own work, with all the values of a service.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .notice)
    var configuration = ServiceGroupConfiguration(
      services: services,
      gracefulShutdownSignals: (beforeStop == nil ? Self.stopSignals : [])
        + (endsWithTerminal ? [.sighup, .sigquit] : []), logger: quiet)
    configuration.maximumGracefulShutdownDuration = .seconds(5)
    let group = ServiceGroup(configuration: configuration)
    let stopping = beforeStop.map { Self.stop(group, after: $0, logger: logger) }
    defer { stopping?.cancel() }
    do {
      try await group.run()
    } catch is CancellationError {
      logger.warning("Connections that did not end in time were cut off")
    }
  }

  private static let stopSignals: [UnixSignal] = [.sigterm, .sigint]

  /// Stops a group at the second signal, or after the first one as soon as `beforeStop` has ended.
  private static func stop(
    _ group: ServiceGroup, after work: @escaping @Sendable () async -> Void, logger: Logger
  ) -> Task<Void, Never> {
    Task {
      var working: Task<Void, Never>?
      for await _ in await UnixSignalsSequence(trapping: stopSignals) {
        if let working {
          working.cancel()
          break
        }
        logger.notice("Waiting for the open sessions; a second signal ends them at once")
        working = Task {
          await work()
          await group.triggerGracefulShutdown()
        }
      }
      await group.triggerGracefulShutdown()
    }
  }

  /// Reports on standard output, and to the service manager, that the daemon serves.
  static func sayReady(
    _ name: some CustomStringConvertible, host: String, port: Int, tls: Bool = false
  ) {
    let shown = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
    DaemonOutput.line("ready \(name) http\(tls ? "s" : "")://\(shown):\(port)")
    ServiceManager.tellReady()
  }
}

/// The options of a daemon that other machines can reach.
struct TrustOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Speak only TLS at --listen: a PEM file with the certificate, followed by the certificates "
        + "that lead to its authority.", valueName: "file"), completion: .file())
  var tlsCertificate: String?

  @Option(
    help: ArgumentHelp(
      "The certificate's key: a PEM file that others cannot read.", valueName: "file"),
    completion: .file())
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "Trust certificates of the cluster's other daemons if the authorities in this file signed "
        + "them, instead of the system's authorities.", valueName: "file"), completion: .file())
  var caFile: String?

  static let settings = ["tls-certificate", "tls-key", "ca-file"].map { Settings.Setting($0) }

  func validate() throws {
    guard (tlsCertificate == nil) == (tlsKey == nil) else {
      throw ValidationError("--tls-certificate and --tls-key go together.")
    }
  }

  /// - Throws: `ProgramFailure` naming the option and the file.
  func identity(_ logger: Logger) throws -> TLSIdentity? {
    guard let tlsCertificate, let tlsKey else { return nil }
    do throws(InvalidValue) {
      let identity = try TLSIdentity(certificateFile: tlsCertificate, keyFile: tlsKey)
      if let warning = identity.warning(at: SystemClock.now) { logger.warning("\(warning)") }
      return identity
    } catch {
      throw ProgramFailure(.wrongInput, error.plainWords)
    }
  }

  /// Reads certificates again on SIGHUP and when their files change.
  ///
  /// - Parameter replace: Puts new authorities into force.
  func watch(
    _ identity: TLSIdentity?, logger: Logger,
    replace: @escaping @Sendable (CertificateAuthorities) -> Void
  ) -> FileWatch {
    var groups: [FileWatch.Group] = []
    if let identity {
      let files = [identity.certificateFile, identity.keyFile]
      groups.append(
        FileWatch.Group("TLS certificate", files: files) {
          try identity.reload()
          return identity.warning(at: SystemClock.now)
        })
    }
    if let caFile {
      groups.append(
        FileWatch.Group("list of authorities", files: [caFile]) {
          let authorities = try CertificateAuthorities(file: caFile)
          if let fault = authorities.fault(at: SystemClock.now) {
            throw InvalidValue(field: "--ca-file", complaint: fault)
          }
          replace(authorities)
          return nil
        })
    }
    return FileWatch(groups, hangUps: HangUp.all, logger: logger)
  }

  /// - Throws: `ProgramFailure` naming the option and the file.
  func authorities(_ logger: Logger) throws -> CertificateAuthorities? {
    guard let caFile else { return nil }
    do throws(InvalidValue) {
      let authorities = try CertificateAuthorities(file: caFile)
      if let fault = authorities.fault(at: SystemClock.now) {
        logger.warning("--ca-file: \(fault): this daemon trusts no other one")
      }
      return authorities
    } catch {
      throw ProgramFailure(.wrongInput, error.plainWords)
    }
  }
}

/// SIGHUP makes a daemon read its certificates again, and never ends it.
enum HangUp {
  /// Ignores the signal until its handler is installed. It would end a starting daemon otherwise.
  static func ignore() { signal(SIGHUP, SIG_IGN) }

  @Sendable static func all() async -> AsyncStream<Void> {
    let (stream, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let listening = Task {
      for await _ in await UnixSignalsSequence(trapping: .sighup) { continuation.yield() }
    }
    continuation.onTermination = { _ in listening.cancel() }
    return stream
  }
}

/// How many files a process may open: each session needs one.
enum OpenFileLimit {
  /// Raises the limit to the system's maximum: the usual 1,024 is for programs that use `select`.
  static func allowMost() {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}

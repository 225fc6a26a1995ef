internal import ArgumentParser
internal import ClusterModel
internal import DemoCluster
internal import Dispatch
internal import Glibc
internal import Logging
internal import ProgramSupport
internal import ServiceLifecycle
internal import SmallFiles

/// `aosd demo`.
struct DemoCommand: DaemonCommand {
  static let configuration = CommandConfiguration(
    commandName: "demo",
    abstract: "Run a whole cluster in one process, with people who log on and off.",
    discussion: """
      One balancer and servers of different sizes, the last for batch only, each on a free port \
      of 127.0.0.1. The registry is in a temporary folder, which the demo deletes at its end.
      """)

  static let settings =
    ["instances", "seed", "speed", "socket", "listen"].map { Settings.Setting($0) }
    + [Settings.Setting("no-incidents", .flag)]
    + DaemonOptions.settings

  @Option(
    help: ArgumentHelp("How many servers, 1 to \(DemoPlan.mostInstances).", valueName: "n"),
    transform: numberArgument(in: 1...DemoPlan.mostInstances))
  var instances: Int = 8

  @Option(
    help: ArgumentHelp(
      "Seed of the random numbers: the same seed gives the same people.", valueName: "n"))
  var seed: UInt64 = 1

  @Option(
    help: ArgumentHelp("How many times faster than real time, 0.1 to 100.", valueName: "x"),
    transform: DemoCommand.speed)
  var speed: Double = 1

  @Flag(help: "Without the drain and the lost server of the first minute.")
  var noIncidents = false

  @Option(
    help: ArgumentHelp("The balancer's Unix socket.", valueName: "path"),
    completion: .file(),
    transform: socketPathArgument)
  var socket: String?

  @Option(
    help: ArgumentHelp(
      "Where the balancer listens; port 0 chooses a free port.", valueName: "host:port"),
    transform: ListenArgument.init)
  var listen = ListenArgument(host: "127.0.0.1", port: 0)

  @Option(
    help: ArgumentHelp(
      """
      Listen on balancer.sock in this folder, and stop when standard input ends: the program that \
      made the folder is gone then, and the demo deletes it.
      """, valueName: "folder", visibility: .hidden))
  var within: String?

  @OptionGroup var daemon: DaemonOptions

  func run() async throws {
    var logger = daemon.logger(for: "demo")
    // Its instances log their own starts and stops, which is useful only in a real log.
    if daemon.logLevel == .notice { logger.logLevel = .error }
    let socket = within.map { "\($0)/balancer.sock" } ?? socket
    defer { if let within, EndOfInput.hasCome { Self.delete(within) } }
    if let socket { try Folder.prepareForSocket(socket, option: "--socket") }
    do {
      let demo = try DemoCluster(
        DemoPlan(instances: instances, seed: seed, speed: speed, hasIncidents: !noIncidents),
        socketPath: socket,
        listen: (listen.host, listen.port), logger: logger
      ) { doors in
        DaemonOptions.sayReady("LB1", host: doors.address.host, port: doors.address.port)
        DaemonOutput.log("aostop unix://\(doors.socketPath) shows it")
      }
      var services: [any ServiceLifecycle.Service] = [demo]
      if within != nil { services.append(EndOfInput()) }
      try await daemon.run(services, endsWithTerminal: true, logger: logger)
    } catch let error as NoPrivateFolder {
      throw ProgramFailure(.wrongInput, error.plainWords)
    }
  }
}

extension DemoCommand {
  /// Deletes a folder with the files of aostop and this demo, and nothing else.
  private static func delete(_ folder: String) {
    for name in ["balancer.sock", "log"] { unlink("\(folder)/\(name)") }
    rmdir(folder)
  }
}

/// Reads the values of its options.
extension DemoCommand {
  private static func speed(_ text: String) throws -> Double {
    guard let number = Double(text), (0.1...100).contains(number) else {
      throw ValidationError("it must be 0.1 to 100")
    }
    return number
  }
}

/// Ends the program when the other end of its standard input is closed: the program that started it
/// has ended, even if it was killed.
private struct EndOfInput: ServiceLifecycle.Service {
  /// Whether standard input has ended.
  static var hasCome: Bool {
    var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
    return poll(&input, 1, 0) > 0 && input.revents & Int16(POLLHUP) != 0
  }

  func run() async throws {
    DispatchQueue.global().async {
      var byte: UInt8 = 0
      while read(STDIN_FILENO, &byte, 1) > 0 {}
      kill(getpid(), SIGTERM)
    }
    try await gracefulShutdown()
  }
}

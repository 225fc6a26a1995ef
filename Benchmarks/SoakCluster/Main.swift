internal import Glibc
internal import RealPrograms
internal import Synchronization

/// Kills programs of a living cluster at random, again and again, and holds it to its promises:
/// no acknowledged action is lost, no client is without a server for long, no process grows.
///
///     SoakCluster [--minutes N] [--kills N] [--clients N] [--patience SECONDS] [--seed N]
///                 [--keep-logs]
@main
struct Main {
  static func main() {
    signal(SIGPIPE, SIG_IGN)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      signal(number) { _ in Main.isAsked.store(true, ordering: .relaxed) }
    }
    Programs.allowManyFiles()
    exit(run())
  }

  private static func run() -> Int32 {
    do {
      let plan = try SoakPlan(Array(CommandLine.arguments.dropFirst()))
      let soak = try Soak(plan)
      try soak.run { isAsked.load(ordering: .relaxed) }
      for line in soak.report { Output.line(line) }
      return soak.hasHeld ? 0 : 1
    } catch {
      Output.note("\(error)")
      return 2
    }
  }

  /// Somebody asked it to end.
  private static let isAsked = Atomic(false)
}

/// What a run is made of.
struct SoakPlan: Sendable {
  var minutes = 10.0
  /// It ends after this many, however soon.
  var kills = Int.max
  var clients = 500
  /// Honest ones; one that lies comes beside them.
  var instances = 9
  /// Seconds that a client may be without a server while one server and one balancer are up.
  /// What the cluster promises is 5; a machine that is busy with other things needs more.
  var patience = 5.0
  var seed: UInt64
  /// The folder with the logs stays when a promise was broken.
  var keepsLogs = false

  /// - Throws: `ProgramFailure` for arguments that are none.
  init(_ arguments: [String]) throws {
    var generator = SystemRandomNumberGenerator()
    seed = generator.next() % 1_000_000
    var rest = arguments[...]
    while let name = rest.popFirst() {
      if name == "--keep-logs" {
        keepsLogs = true
        continue
      }
      let failure = ProgramFailure("\(name) is not an option, or has no number that fits")
      guard let value = rest.popFirst(), let number = Double(value), number > 0 else {
        throw failure
      }
      switch name {
      case "--minutes" where number <= 100_000: minutes = number
      case "--kills" where number <= 1e9: kills = Int(number)
      case "--clients" where number <= 10_000: clients = Int(number)
      case "--patience" where number <= 3_600: patience = number
      case "--seed" where number < 1e15: seed = UInt64(number)
      default: throw failure
      }
    }
  }
}

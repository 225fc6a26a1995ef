internal import ArgumentParser
internal import ProgramSupport
internal import ServiceSupport

/// The limits of a daemon that an operator may set; the others fit every cluster.
struct LimitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Maximum number of TCP connections at one time. 0: as many as the limit on open files "
        + "allows, less a reserve for the daemon itself and the Unix socket.", valueName: "n"),
    transform: numberArgument(in: 0...1_000_000))
  var connections: Int = ServiceLimits().connections

  @Option(
    help: ArgumentHelp(
      "Maximum number of connections from one address at one time; 0: unlimited.", valueName: "n"),
    transform: numberArgument(in: 0...1_000_000))
  var connectionsPerAddress: Int = ServiceLimits().connectionsPerAddress

  static let settings: [Settings.Setting] = [
    Settings.Setting("connections"), Settings.Setting("connections-per-address"),
  ]

  var limits: ServiceLimits {
    var limits = ServiceLimits()
    limits.connections = connections
    limits.connectionsPerAddress = connectionsPerAddress
    return limits
  }
}

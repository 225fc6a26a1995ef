internal import ArgumentParser
internal import ClusterModel
internal import InstanceService
internal import ProgramSupport
internal import ServiceSupport

/// The application behind an instance, and who reaches it.
struct ApplicationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The server that its sessions lead to: anything that speaks over TCP, or over a Unix socket "
        + "(unix:PATH). Clients reach it with CONNECT at --listen.", valueName: "host:port"),
    transform: ApplicationOptions.application)
  var application: Application?

  @Option(
    help: ArgumentHelp(
      "Who may CONNECT over TCP, for instance 10.0.0.0/8; without it everybody. Repeated.",
      valueName: "cidr"),
    transform: ApplicationOptions.range)
  var allowFrom: [NetworkRange] = []

  static let settings: [Settings.Setting] = [
    Settings.Setting("application"), Settings.Setting("allow-from", .list),
  ]

  func validate() throws {
    if !allowFrom.isEmpty, application == nil {
      throw ValidationError("--allow-from says who reaches the --application, and there is none.")
    }
  }

  func apply(to configuration: inout InstanceConfiguration) {
    configuration.application = application
    configuration.allowedToConnect = allowFrom
  }

  private static func application(_ text: String) throws -> Application {
    guard text.hasPrefix("unix:") else { return .tcp(try addressArgument(text)) }
    return .unix(path: try socketPathArgument(String(text.dropFirst("unix:".count))))
  }

  private static func range(_ text: String) throws -> NetworkRange {
    try argument { () throws(InvalidValue) in try NetworkRange(text) }
  }
}

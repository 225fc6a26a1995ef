internal import ArgumentParser
internal import ClusterModel
internal import InstanceService
internal import ProgramSupport
internal import ServiceSupport

/// Something that is on by default.
enum OnOff: String, CaseIterable, ExpressibleByArgument {
  case on, off
}

/// The application behind an instance, and who may reach it.
struct ApplicationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The server that its sessions lead to: any server on TCP, or on a Unix socket (unix:PATH). "
        + "Clients reach it with CONNECT at --listen.", valueName: "host:port"),
    transform: ApplicationOptions.application)
  var application: Application?

  @Option(
    help: ArgumentHelp(
      "Who may CONNECT over TCP, such as 10.0.0.0/8 (default: everybody). Repeat it for several.",
      valueName: "cidr"),
    transform: ApplicationOptions.range)
  var allowFrom: [NetworkRange] = []

  @Option(
    help: ArgumentHelp(
      "Whether the instance opens connections of its own to see that the application is up, every "
        + "10 s while no client has one; off: only the clients' connections show it.",
      valueName: "on|off"))
  var applicationCheck = OnOff.on

  @Option(
    help: ArgumentHelp(
      "Whether the instance stops taking sessions for a while when the application ends every "
        + "connection at once.", valueName: "on|off"))
  var applicationGuard = OnOff.on

  @Flag(
    help: ArgumentHelp(
      "Tell the application the client's address: each connection begins with a header of the "
        + "PROXY protocol, version 2."))
  var applicationProxyProtocol = false

  static let settings: [Settings.Setting] = [
    Settings.Setting("application"), Settings.Setting("allow-from", .list),
    Settings.Setting("application-check"), Settings.Setting("application-guard"),
    Settings.Setting("application-proxy-protocol", .flag),
  ]

  func validate() throws {
    guard application == nil else { return }
    if !allowFrom.isEmpty {
      throw ValidationError("--allow-from needs an --application.")
    }
    if applicationProxyProtocol || [applicationCheck, applicationGuard].contains(.off) {
      throw ValidationError(
        "--application-check, --application-guard and --application-proxy-protocol need an "
          + "--application.")
    }
  }

  func apply(to configuration: inout InstanceConfiguration) {
    configuration.application = application
    configuration.allowedToConnect = allowFrom
    configuration.checksApplication = applicationCheck == .on
    configuration.guardsApplication = applicationGuard == .on
    configuration.speaksProxyProtocol = applicationProxyProtocol
  }

  private static func application(_ text: String) throws -> Application {
    guard text.hasPrefix("unix:") else { return .tcp(try addressArgument(text)) }
    return .unix(path: try socketPathArgument(String(text.dropFirst("unix:".count))))
  }

  private static func range(_ text: String) throws -> NetworkRange {
    try checkedArgument { () throws(InvalidValue) in try NetworkRange(text) }
  }
}

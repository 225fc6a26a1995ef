internal import ArgumentParser
internal import Configuration
internal import Glibc

/// Options that stand in the environment or in a file instead of on the command line.
///
/// They are put in front of the command line's own, so that one parser reads all of them with
/// one set of rules and messages.
enum Settings {
  /// An option that may stand elsewhere.
  struct Setting: Equatable, Sendable {
    /// As on the command line, without the dashes.
    let name: String
    /// May be given more than once.
    let isList: Bool

    init(_ name: String, isList: Bool = false) {
      self.name = name
      self.isList = isList
    }
  }

  /// The command line, completed from the environment and the file that `--config` names.
  ///
  /// - Throws: `StartFailure` naming the file and the place in it.
  static func completed(
    _ arguments: [String], for daemons: [any DaemonCommand.Type],
    environment: [String: String]
  ) throws -> [String] {
    guard let name = arguments.first,
      let daemon = daemons.first(where: { $0.configuration.commandName == name })
    else { return arguments }
    let own = Array(arguments.dropFirst())
    // Help is asked for, not a start: it must not fail for what stands elsewhere.
    guard !own.contains(where: { ["-h", "--help", "--version"].contains($0) }) else {
      return arguments
    }
    let path = value(of: "config", in: own) ?? environment["AOSD_CONFIG"]
    let file = try path.map { try ConfigurationFile(path: $0, settings: daemon.settings) }
    let added = try options(
      daemon.settings.filter { !isGiven($0.name, in: own) },
      from: reader(environment, file))
    return [name] + added + own
  }

  private static func reader(
    _ environment: [String: String], _ file: ConfigurationFile?
  ) -> ConfigReader {
    var providers: [any ConfigProvider] = [
      EnvironmentVariablesProvider(environmentVariables: environment)
    ]
    if let file { providers.append(InMemoryProvider(name: file.path, values: file.values)) }
    return ConfigReader(providers: providers).scoped(to: "aosd")
  }

  private static func options(
    _ settings: [Setting], from reader: ConfigReader
  ) throws -> [String] {
    var options: [String] = []
    for setting in settings {
      let key = ConfigKey([setting.name])
      if setting.isList {
        let values = reader.stringArray(forKey: key) ?? []
        options += values.map { "--\(setting.name)=\($0)" }
      } else if let value = reader.string(forKey: key) {
        options.append("--\(setting.name)=\(value)")
      }
    }
    return options
  }

  private static func isGiven(_ name: String, in arguments: [String]) -> Bool {
    arguments.contains { $0 == "--\(name)" || $0.hasPrefix("--\(name)=") }
  }

  private static func value(of name: String, in arguments: [String]) -> String? {
    for (place, argument) in arguments.enumerated() {
      if argument == "--\(name)", place + 1 < arguments.count { return arguments[place + 1] }
      if argument.hasPrefix("--\(name)=") { return String(argument.dropFirst(name.count + 3)) }
    }
    return nil
  }

  /// The environment's variables of these programs, and those that say where state belongs.
  static func environment() -> [String: String] {
    var values: [String: String] = [:]
    var entry = environ
    while let text = entry.pointee {
      let pair = String(cString: text).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if pair.count == 2 { values[String(pair[0])] = String(pair[1]) }
      entry += 1
    }
    return values
  }
}

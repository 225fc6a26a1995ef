internal import ArgumentParser
internal import ProgramSettings

/// Options of a daemon that stand in the environment or in a file instead of on the command line.
///
/// They are put in front of the command line's own, so that one parser reads all of them with
/// one set of rules and messages.
enum Settings {
  typealias Setting = ProgramSettings.Setting

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
    do throws(SettingsFailure) {
      let reader = try SettingsReader(
        program: "aosd", settings: daemon.settings, environment: environment,
        path: value(of: "config", in: own) ?? environment["AOSD_CONFIG"])
      var added: [String] = []
      for setting in daemon.settings where !isGiven(setting.name, in: own) {
        added += try reader.words(for: setting)
      }
      return [name] + added + own
    } catch {
      throw StartFailure(error)
    }
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
}

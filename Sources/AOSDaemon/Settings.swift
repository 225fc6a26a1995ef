internal import ArgumentParser
internal import ClusterModel
internal import ProgramSupport

/// The options of a daemon in the environment and in a file.
///
/// They are put in front of the options of the command line, so that one parser reads everything
/// with the same rules and messages.
enum Settings {
  typealias Setting = ProgramSupport.Setting

  /// A command line, with the places of those words that nobody typed.
  struct Line {
    var words: [String]
    /// The variable or the file of each setting that was added.
    fileprivate var sources: [(name: String, place: String)] = []

    fileprivate init(_ words: [String]) { self.words = words }

    /// The place of the setting that a parser's complaint names; nil: the command line.
    func source(of complaint: String) -> String? {
      sources.first { complaint.contains("--\($0.name) ") || complaint.contains("--\($0.name)'") }?
        .place
    }
  }

  /// The words of the line that `line` returns.
  static func completed(
    _ arguments: [String], for daemons: [any DaemonCommand.Type],
    environment: [String: String]
  ) throws -> [String] {
    try line(arguments, for: daemons, environment: environment).words
  }

  /// The command line, completed from the environment and the file of `--config`.
  ///
  /// - Throws: `ProgramFailure` naming the file or the variable, and the place in it.
  static func line(
    _ arguments: [String], for daemons: [any DaemonCommand.Type],
    environment: [String: String]
  ) throws -> Line {
    guard let name = arguments.first,
      let daemon = daemons.first(where: { $0.configuration.commandName == name })
    else { return Line(arguments) }
    let own = Array(arguments.dropFirst())
    // Help starts no daemon, so it must work even if a setting is wrong.
    guard !own.contains(where: { ["-h", "--help", "--version"].contains($0) }) else {
      return Line(arguments)
    }
    do throws(SettingsFailure) {
      let typed = try CommandLineWords(own, settings: daemon.settings + [Setting("config")])
      try SettingsReader.refuseMisspelt(
        program: "aosd", settings: daemons.flatMap { $0.settings }, environment: environment)
      let reader = try SettingsReader(
        program: "aosd", settings: daemon.settings, environment: environment,
        path: path(typed, environment))
      var line = Line([name])
      for setting in daemon.settings where !typed.given.contains(setting.name) {
        let words = try reader.words(for: setting)
        if !words.isEmpty { line.sources.append((setting.name, reader.source(of: setting))) }
        line.words += words
      }
      line.words += typed.words
      return line
    } catch {
      throw ProgramFailure(.wrongInput, error.plainWords)
    }
  }

  private static func path(_ typed: CommandLineWords, _ environment: [String: String]) -> String? {
    typed.values["config"] ?? environment["AOSD_CONFIG"].flatMap { $0.isEmpty ? nil : $0 }
  }
}

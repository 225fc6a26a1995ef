internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import Glibc
internal import ProgramSupport

/// Options of aostop that may stand in the environment or in a file.
enum TopSettings {
  /// The list to fall back on; on the command line these are words of their own.
  static let endpoints = Setting("endpoints", .list)

  static let all: [Setting] = [
    Setting("ascii", .flag), Setting("bell", .flag), Setting("ca-file"),
    Setting("critical-load"), endpoints, Setting("filter"), Setting("mouse", .flag),
    Setting("no-color", .flag), Setting("plaintext-token", .flag), Setting("read-only", .flag),
    Setting("sort"), Setting("token-file"), Setting("warn-load"),
  ]

  /// Options that say what one run does. An environment or a file that holds for every run has
  /// none of them.
  static let typed: [Setting] =
    ["record", "replay"].map { Setting($0) }
    + ["demo", "once", "json", "stream", "print-config"].map { Setting($0, .flag) }

  /// Every option of the command line by its long names, for the one form in which it is read.
  static let line: [Setting] =
    all.filter { $0 != endpoints } + typed + [Setting("config")]
    + ["version", noColour].map { Setting($0, .flag) }
  /// The other spelling of `no-color`.
  private static let noColour = "no-colour"

  /// The variables of the environment that stand for them.
  static let variables = all.map { $0.variable(of: program) }
  /// The variable that names the file.
  static let fileVariable = Setting("config").variable(of: program)
  private static let program = "aostop"

  /// The file that is read when none is named, if it is there.
  static func standardPath(_ environment: [String: String]) -> String? {
    let own = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let folder = own ?? environment["HOME"].map { $0 + "/.config" }
    return folder.map { $0 + "/aostop/config.json" }
  }

  /// The command line, completed: the command line goes before the environment, and the
  /// environment before the file.
  ///
  /// - Parameter options: What the command line says by itself.
  /// - Throws: `Failure` naming the file or the variable, and what is wrong with it.
  static func completed(
    _ arguments: [String], _ options: TopOptions, environment: [String: String]
  ) throws(Failure) -> [String] {
    do throws(SettingsFailure) {
      var typed = try CommandLineWords(arguments, settings: line)
      if typed.given.contains(noColour) { typed.given.insert("no-color") }
      try SettingsReader.refuseMisspelt(
        program: program, settings: all, typed: Self.typed, environment: environment)
      let reader = try SettingsReader(
        program: program, settings: all, typed: Self.typed, environment: environment,
        path: path(options, environment))
      var added: [String] = []
      for setting in all
      where applies(setting, to: options) && !typed.given.contains(setting.name) {
        let words =
          setting == endpoints
          ? endpoints(options, reader, environment)
          : try reader.words(for: setting)
        // A value that is empty, as --print-config shows it, is none.
        if words == ["--\(setting.name)", ""] { continue }
        // By themselves, so that an error names the place where they stand.
        do { _ = try TopOptions.parse(words) } catch {
          throw SettingsFailure("\(reader.source(of: setting)): \(TopOptions.message(for: error))")
        }
        added += words
      }
      return added + typed.words
    } catch {
      throw Failure(.wrongInput, error.plainWords)
    }
  }

  /// The command line in the one form in which it is read.
  static func plain(_ arguments: [String]) throws(Failure) -> [String] {
    do throws(SettingsFailure) {
      return try CommandLineWords(arguments, settings: line).words
    } catch {
      throw Failure(.wrongInput, error.description)
    }
  }

  private static func path(_ options: TopOptions, _ environment: [String: String]) -> String? {
    if let named = options.config ?? environment[fileVariable], !named.isEmpty { return named }
    return standardPath(environment).flatMap { access($0, F_OK) == 0 ? $0 : nil }
  }

  /// Filter and order are for a picture.
  private static func applies(_ setting: Setting, to options: TopOptions) -> Bool {
    !["filter", "sort"].contains(setting.name) || !(options.json || options.stream)
  }

  /// None where the command line names them or wants none; `$AOS_BALANCER` goes before the file.
  private static func endpoints(
    _ options: TopOptions, _ reader: SettingsReader, _ environment: [String: String]
  ) -> [String] {
    guard options.endpoints.isEmpty, !options.demo, options.replay == nil else { return [] }
    let isInEnvironment = environment[reader.variable(of: endpoints)]?.isEmpty == false
    let isNamed = environment[Endpoint.environmentName]?.isEmpty == false
    return isInEnvironment || !isNamed ? reader.values(of: endpoints) : []
  }
}

extension TopOptions {
  /// The settings that hold, as a file of them: every key, in the order of the alphabet.
  func settingsText(endpoints: [Endpoint]) -> String {
    let values: [(String, any Encodable)] = [
      ("ascii", ascii), ("bell", bell), ("ca-file", remote.caFile ?? ""),
      ("critical-load", thresholds.criticalPercent),
      ("endpoints", endpoints.map(\.description)), ("filter", filter), ("mouse", mouse),
      ("no-color", noColor), ("plaintext-token", remote.plaintextToken), ("read-only", readOnly),
      ("sort", sort ?? SortOrder.byID.column.rawValue), ("token-file", remote.tokenFile ?? ""),
      ("warn-load", thresholds.warnPercent),
    ]
    let lines = values.map { name, value in
      "  \"\(name)\": " + String(decoding: (try? WireJSON.encode(value)) ?? [], as: UTF8.self)
    }
    return "{\n" + lines.joined(separator: ",\n") + "\n}\n"
  }
}

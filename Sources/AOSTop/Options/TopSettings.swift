internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import Glibc
internal import ProgramSupport

/// The options of aostop that the environment or a file may contain.
enum TopSettings {
  /// The list of endpoints; on the command line these are arguments.
  static let endpoints = Setting("endpoints", .list)

  static let all: [Setting] = [
    Setting("ascii", .flag), Setting("bell", .flag), Setting("ca-file"),
    Setting("critical-load"), endpoints, Setting("filter"), Setting("mouse", .flag),
    Setting("no-color", .flag), Setting("plaintext-token", .flag), Setting("read-only", .flag),
    Setting("sort"), Setting("token-file"), Setting("warn-load"),
  ]

  /// Options of a single run. The environment and files are for every run, so they may not contain
  /// them.
  static let typed: [Setting] =
    ["record", "replay"].map { Setting($0) }
    + ["demo", "once", "json", "stream", "print-config"].map { Setting($0, .flag) }

  /// Every option of the command line by its long names, for `CommandLineWords`.
  static let line: [Setting] =
    all.filter { $0 != endpoints } + typed + [Setting("config")]
    + ["version", noColour].map { Setting($0, .flag) }
  /// The other spelling of `no-color`.
  private static let noColour = "no-colour"

  /// The environment variables of the settings.
  static let variables = all.map { $0.variable(of: program) }
  /// The environment variable that names the file.
  static let fileVariable = Setting("config").variable(of: program)
  private static let program = "aostop"

  /// The file that is read by default, if it exists.
  static func standardPath(_ environment: [String: String]) -> String? {
    let own = environment["XDG_CONFIG_HOME"].flatMap { $0.hasPrefix("/") ? $0 : nil }
    let folder = own ?? environment["HOME"].map { $0 + "/.config" }
    return folder.map { $0 + "/aostop/config.json" }
  }

  /// The completed command line: the command line wins over the environment, and the environment
  /// over the file.
  ///
  /// - Parameter options: The options of the command line alone.
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
        // An empty value, as --print-config shows it, means none.
        if words == ["--\(setting.name)", ""] { continue }
        // They are parsed separately, so that an error names their place.
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

  /// The command line in the form of `CommandLineWords`.
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

  /// Filter and order only apply to a picture.
  private static func applies(_ setting: Setting, to options: TopOptions) -> Bool {
    !["filter", "sort"].contains(setting.name) || !(options.json || options.stream)
  }

  /// None where the command line names endpoints or needs none. `$AOS_BALANCER` wins over the file.
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
  /// The effective settings as a file: every key, in alphabetical order.
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

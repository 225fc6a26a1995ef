internal import ClusterModel
internal import Configuration

/// The settings of a program: its environment first, and then a file.
///
/// They become words of a command line, so that one parser reads everything with the same rules and
/// messages.
package struct SettingsReader {
  private let program: String
  private let environment: [String: String]
  private let file: SettingsFile?
  private let reader: ConfigReader

  /// - Parameters:
  ///   - program: The program whose variables these are: `aosd` for `AOSD_…`.
  ///   - typed: Options of a single run, which are allowed only on the command line.
  ///   - path: The file; nil: none.
  /// - Throws: `SettingsFailure` naming the file and the place in it.
  package init(
    program: String, settings: [Setting], typed: [Setting] = [],
    environment: [String: String], path: String?
  ) throws(SettingsFailure) {
    // An empty variable counts as not set.
    let environment = environment.filter { !$0.value.isEmpty }
    self.program = program
    self.environment = environment
    var file: SettingsFile?
    if let path {
      file = try SettingsFile(path: path, program: program, settings: settings, typed: typed)
    }
    self.file = file
    var providers: [any ConfigProvider] = [
      EnvironmentVariablesProvider(environmentVariables: environment)
    ]
    if let file { providers.append(InMemoryProvider(name: file.path, values: file.values)) }
    reader = ConfigReader(providers: providers).scoped(to: ConfigKey([program]))
  }

  /// The words of a command line for a setting; none where it is not set.
  ///
  /// - Throws: `SettingsFailure` for a flag in the environment that is neither on nor off.
  package func words(for setting: Setting) throws(SettingsFailure) -> [String] {
    switch setting.kind {
    case .list:
      return values(of: setting).flatMap { CommandLineWords.words(setting.name, $0) }
    case .value, .optionalValue:
      let value = reader.string(forKey: ConfigKey([setting.name]))
      return value.map { CommandLineWords.words(setting.name, $0) } ?? []
    case .flag: return try isOn(setting) ? ["--\(setting.name)"] : []
    }
  }

  /// The values of a list; none where it is not set.
  package func values(of setting: Setting) -> [String] {
    reader.stringArray(forKey: ConfigKey([setting.name])) ?? []
  }

  private func isOn(_ setting: Setting) throws(SettingsFailure) -> Bool {
    guard let text = environment[variable(of: setting)] else {
      return file?.values[AbsoluteConfigKey([program, setting.name])]?.content == .bool(true)
    }
    guard let isOn = FlagValue.read(text) else {
      throw SettingsFailure("\(variable(of: setting)) takes true or false")
    }
    return isOn
  }

  /// Refuses a variable whose name is misspelt or cut short, and the variable of an option that is
  /// allowed only on the command line. Otherwise it would be ignored silently.
  ///
  /// - Parameters:
  ///   - settings: The settings of every command of the program.
  ///   - typed: Options of a single run, which are allowed only on the command line.
  package static func refuseMisspelt(
    program: String, settings: [Setting], typed: [Setting] = [], environment: [String: String]
  ) throws(SettingsFailure) {
    let known = Set((settings + [Setting("config")]).map { $0.variable(of: program) })
    for option in typed where environment[option.variable(of: program)]?.isEmpty == false {
      throw SettingsFailure(
        "\(option.variable(of: program)): \(Self.typedAlone(option.name))")
    }
    let prefix = "\(program.uppercased())_"
    for name in environment.keys.sorted() where name.hasPrefix(prefix) && !known.contains(name) {
      // The name must be nearer than elsewhere: a variable of another program must not prevent the
      // start.
      let whole = known.sorted().first { $0.hasPrefix(name + "_") }
      guard
        let meant = Spelling.nearest(to: name, among: known.sorted(), atMost: 2) ?? whole
      else { continue }
      throw SettingsFailure("unknown variable \(name) (did you mean \(meant)?)")
    }
  }

  /// Why an option is allowed neither in the environment nor in a file.
  static func typedAlone(_ name: String) -> String {
    "--\(name) is for a single run, and is allowed on the command line only"
  }

  /// The variable or the file of a setting, with its name, for messages.
  package func source(of setting: Setting) -> String {
    if environment[variable(of: setting)] != nil || file == nil { return variable(of: setting) }
    return "--config: \(file?.path ?? ""): \(setting.name)"
  }

  /// Such as `AOSD_MAX_CLIENTS` for `max-clients`.
  package func variable(of setting: Setting) -> String { setting.variable(of: program) }
}

internal import Configuration
internal import Glibc

/// An option that may stand in the environment or in a file instead of on the command line.
package struct Setting: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case value
    /// May be given more than once.
    case list
    /// Is there or is not.
    case flag
  }

  /// As on the command line, without the dashes.
  package let name: String
  package let kind: Kind

  package init(_ name: String, _ kind: Kind = .value) {
    self.name = name
    self.kind = kind
  }

  /// Its variable in the environment of a program: `AOSD_MAX_CLIENTS` for `max-clients`.
  package func variable(of program: String) -> String {
    let letters = "\(program)_\(name)".uppercased()
    return String(letters.map { $0 == "-" ? "_" : $0 })
  }
}

/// What is wrong with a setting, with its file or variable, in words for an operator.
package struct SettingsFailure: Error, Equatable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

/// The settings of a program: its environment, and behind it a file.
///
/// What they say becomes words of a command line, so that one parser reads all of them with one
/// set of rules and messages.
package struct SettingsReader {
  private let program: String
  private let environment: [String: String]
  private let file: SettingsFile?
  private let reader: ConfigReader

  /// - Parameters:
  ///   - program: In whose name the variables are: `aosd` for `AOSD_…`.
  ///   - path: The file; nil: none.
  /// - Throws: `SettingsFailure` naming the file and the place in it.
  package init(
    program: String, settings: [Setting], environment: [String: String], path: String?
  ) throws(SettingsFailure) {
    self.program = program
    self.environment = environment
    var file: SettingsFile?
    if let path { file = try SettingsFile(path: path, program: program, settings: settings) }
    self.file = file
    var providers: [any ConfigProvider] = [
      EnvironmentVariablesProvider(environmentVariables: environment)
    ]
    if let file { providers.append(InMemoryProvider(name: file.path, values: file.values)) }
    reader = ConfigReader(providers: providers).scoped(to: ConfigKey([program]))
  }

  /// The words that stand for a setting on a command line; none where it is nowhere.
  ///
  /// - Throws: `SettingsFailure` for a flag of the environment that is neither on nor off.
  package func words(for setting: Setting) throws(SettingsFailure) -> [String] {
    switch setting.kind {
    case .list: return values(of: setting).map { "--\(setting.name)=\($0)" }
    case .value:
      let value = reader.string(forKey: ConfigKey([setting.name]))
      return value.map { ["--\(setting.name)=\($0)"] } ?? []
    case .flag: return try isOn(setting) ? ["--\(setting.name)"] : []
    }
  }

  /// The values of a list; none where it is nowhere.
  package func values(of setting: Setting) -> [String] {
    reader.stringArray(forKey: ConfigKey([setting.name])) ?? []
  }

  private func isOn(_ setting: Setting) throws(SettingsFailure) -> Bool {
    guard let text = environment[variable(of: setting)], !text.isEmpty else {
      return file?.values[AbsoluteConfigKey([program, setting.name])]?.content == .bool(true)
    }
    switch text.lowercased() {
    case "1", "true", "yes", "on": return true
    case "0", "false", "no", "off": return false
    default: throw SettingsFailure("\(variable(of: setting)) takes true or false")
    }
  }

  /// The environment's variables.
  package static func environment() -> [String: String] {
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

  /// The variable or the file that a setting comes from, with its name: for messages.
  package func source(of setting: Setting) -> String {
    if environment[variable(of: setting)] != nil || file == nil { return variable(of: setting) }
    return "--config: \(file?.path ?? ""): \(setting.name)"
  }

  /// `AOSD_MAX_CLIENTS` for `max-clients`.
  package func variable(of setting: Setting) -> String { setting.variable(of: program) }
}

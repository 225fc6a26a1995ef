internal import ClusterAPI
internal import ClusterModel
internal import Configuration
internal import SmallFiles

/// A JSON file with options by their names: `{"name": "AOS01", "max-clients": 60}`.
struct SettingsFile {
  let path: String
  let values: [AbsoluteConfigKey: ConfigValue]

  private static let longest = 1 << 20

  /// Reads a file.
  ///
  /// - Parameter program: The program whose settings these are, for instance `aosd`.
  /// - Throws: `SettingsFailure` naming the file, and the option that is unknown or has a value of
  ///   a wrong kind.
  init(
    path: String, program: String, settings: [Setting], typed: [Setting] = []
  ) throws(SettingsFailure) {
    let file: SmallFile
    do throws(InvalidValue) {
      file = try SmallFile(path, as: .configuration, field: "--config", atMost: Self.longest)
    } catch {
      throw SettingsFailure("--config: \(error.complaint)")
    }
    try self.init(file, program: program, settings: settings, typed: typed)
  }

  /// Reads the contents of a file.
  ///
  /// - Throws: As the other initializer.
  init(
    _ file: SmallFile, program: String, settings: [Setting], typed: [Setting] = []
  ) throws(SettingsFailure) {
    let (text, path) = (file.text, file.path)
    let options: [String: Value]
    do throws(InvalidValue) {
      _ = try StrictJSON(Array(text.utf8), from: .file)
      options = try WireJSON.decode([String: Value].self, from: Array(text.utf8))
    } catch {
      let words = error.field == "body" ? "the file \(error.complaint)" : error.plainWords
      throw SettingsFailure("--config: \(path): \(Self.comment(in: text) ?? words)")
    }
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    for (name, value) in options.sorted(by: { $0.key < $1.key }) {
      if typed.contains(where: { $0.name == name }) {
        throw SettingsFailure("--config: \(path): \(SettingsReader.typedAlone(name))")
      }
      guard let setting = settings.first(where: { $0.name == name }) else {
        let question =
          Spelling.nearest(to: name, among: settings.map(\.name))
          .map { " (did you mean \"\($0)\"?)" } ?? ""
        throw SettingsFailure(
          "--config: \(path): unknown option \"\(PlainText.cleaned(name))\"\(question)")
      }
      let content = try value.content(of: setting, "--config: \(path): \(name)")
      values[AbsoluteConfigKey([program, name])] = ConfigValue(content, isSecret: false)
    }
    self.path = path
    self.values = values
  }

  /// Reports the first line that is a comment, which JSON does not have; nil where there is none.
  private static func comment(in text: String) -> String? {
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    let place = lines.firstIndex { line in
      let start = line.drop(while: \.isWhitespace)
      return ["//", "/*", "#"].contains { start.hasPrefix($0) }
    }
    return place.map { "line \($0 + 1) is a comment, and JSON has none" }
  }

  /// The kinds of values that an option may have.
  private enum Value: Decodable {
    case nothing
    case flag(Bool)
    case one(String)
    case several([Value])
    case object

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if value.decodeNil() {
        self = .nothing
      } else if let flag = try? value.decode(Bool.self) {
        self = .flag(flag)
      } else if let number = try? value.decode(Int64.self) {
        self = .one(String(number))
      } else if let number = try? value.decode(UInt64.self) {
        self = .one(String(number))
      } else if let number = try? value.decode(Double.self) {
        self = .one(String(number))
      } else if let text = try? value.decode(String.self) {
        self = .one(text)
      } else if let list = try? value.decode([Value].self) {
        self = .several(list)
      } else {
        self = .object
      }
    }

    /// - Parameter place: The file and the option, for error messages.
    func content(of setting: Setting, _ place: String) throws(SettingsFailure) -> ConfigContent {
      switch (setting.kind, self) {
      case (_, .nothing): throw SettingsFailure("\(place) is null; leave it out instead")
      case (_, .object): throw SettingsFailure("\(place) takes no object")
      case (.flag, .flag(let isOn)): return .bool(isOn)
      case (.flag, _): throw SettingsFailure("\(place) takes true or false")
      case (.optionalValue, .flag(let isOn)): return .string(isOn ? "true" : "false")
      case (_, .flag): throw SettingsFailure("\(place) takes a value, not true or false")
      case (.list, .one(let text)): return .stringArray([text])
      case (.list, .several(let list)):
        var texts: [String] = []
        for case let value in list {
          guard case .one(let text) = value else {
            throw SettingsFailure("\(place) takes a list of strings")
          }
          texts.append(text)
        }
        return .stringArray(texts)
      case (_, .one(let text)): return .string(text)
      case (_, .several): throw SettingsFailure("\(place) takes one value, not a list")
      }
    }
  }
}

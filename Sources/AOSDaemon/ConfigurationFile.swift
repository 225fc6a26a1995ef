internal import ClusterAPI
internal import ClusterModel
internal import Configuration
internal import FoundationEssentials

/// A JSON file with options by their names: `{"name": "AOS01", "max-clients": 60}`.
struct ConfigurationFile {
  let path: String
  let values: [AbsoluteConfigKey: ConfigValue]

  private static let longest = 1 << 20

  /// Reads a file.
  ///
  /// - Throws: `StartFailure` naming the file and the option that is unknown or has a value of a
  ///   wrong kind.
  init(path: String, settings: [Settings.Setting]) throws {
    let data: Data
    do { data = try Data(contentsOf: URL(filePath: path)) } catch {
      throw StartFailure("--config: cannot read \(path)")
    }
    guard data.count <= Self.longest else {
      throw StartFailure("--config: \(path) is longer than \(Self.longest) bytes")
    }
    let options: [String: Value]
    do throws(InvalidValue) {
      options = try WireJSON.decode([String: Value].self, from: data)
    } catch {
      throw StartFailure("--config: \(path): \(error)")
    }
    var values: [AbsoluteConfigKey: ConfigValue] = [:]
    for (name, value) in options.sorted(by: { $0.key < $1.key }) {
      guard let setting = settings.first(where: { $0.name == name }) else {
        throw StartFailure(
          "--config: \(path): \(name) is no option of this daemon that a file may hold")
      }
      guard let content = value.content(isList: setting.isList) else {
        throw StartFailure("--config: \(path): \(name) takes one value, not a list")
      }
      values[AbsoluteConfigKey(["aosd", name])] = ConfigValue(content, isSecret: false)
    }
    self.path = path
    self.values = values
  }

  /// What may stand for an option.
  private enum Value: Decodable {
    case one(String)
    case several([String])

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      if let flag = try? value.decode(Bool.self) {
        self = .one(flag ? "true" : "false")
      } else if let number = try? value.decode(Int64.self) {
        self = .one(String(number))
      } else if let text = try? value.decode(String.self) {
        self = .one(text)
      } else if let list = try? value.decode([String].self) {
        self = .several(list)
      } else {
        throw DecodingError.dataCorruptedError(
          in: value, debugDescription: "must be a string, a whole number or a list of strings")
      }
    }

    /// Nil for a list where one value is meant.
    func content(isList: Bool) -> ConfigContent? {
      switch self {
      case .one(let text): isList ? .stringArray([text]) : .string(text)
      case .several(let list): isList ? .stringArray(list) : nil
      }
    }
  }
}

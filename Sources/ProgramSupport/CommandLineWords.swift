/// Rewrites the words of a command line so that the parser reads them the same way everywhere.
///
/// The parser does not accept a value of a flag. If the value of an option is optional, it accepts
/// `--option=value` only at the end of the line. So this makes each flag present or absent, and
/// writes the value of each such option after a `=`.
package struct CommandLineWords: Equatable, Sendable {
  package private(set) var words: [String] = []
  /// The value of each option that has one; the last one if it is repeated.
  package private(set) var values: [String: String] = [:]
  /// The settings that the line gives, including `--flag=false`.
  package var given: Set<String> = []

  /// - Parameter settings: Every option of the command by its long name. Other words stay as they
  ///   are.
  /// - Throws: `SettingsFailure` for a flag that is neither true nor false.
  package init(
    _ arguments: [String], settings: [Setting]
  ) throws(SettingsFailure) {
    let kinds = Dictionary(settings.map { ($0.name, $0.kind) }) { first, _ in first }
    var rest = arguments[...]
    while let word = rest.popFirst() {
      guard word != "--" else {
        words.append(word)
        words += rest
        return
      }
      guard word.hasPrefix("--") else {
        words.append(word)
        continue
      }
      let parts = word.dropFirst(2).split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts.first ?? "")
      guard let kind = kinds[name] else {
        // A negative number counts as well, as in `take`.
        let isNegative = parts.count == 1 && rest.first.map(Self.isNegative) == true
        if isNegative {
          words.append("\(word)=\(rest.removeFirst())")
        } else {
          words += parts.count == 2 && parts[1].isEmpty ? Self.words(name, "") : [word]
        }
        continue
      }
      given.insert(name)
      try read(name, kind, value: parts.count == 2 ? String(parts[1]) : nil, &rest)
    }
  }

  private mutating func read(
    _ name: String, _ kind: Setting.Kind, value: String?, _ rest: inout ArraySlice<String>
  ) throws(SettingsFailure) {
    switch (kind, value) {
    case (.flag, nil): words.append("--\(name)")
    case (.flag, let value?):
      guard let isOn = FlagValue.read(value) else {
        throw SettingsFailure("--\(name) takes true or false")
      }
      if isOn { words.append("--\(name)") }
    case (_, let value?): give(name, value)
    case (.optionalValue, nil):
      let value = rest.first.flatMap { Self.isValue($0) ? $0 : nil }
      if value != nil { rest.removeFirst() }
      give(name, value ?? "true")
    case (_, nil):
      // This includes a negative number. The parser would read it as an option; here it is refused
      // as a value.
      if let value = rest.first, Self.isValue(value) {
        rest.removeFirst()
        give(name, value)
      } else {
        words.append("--\(name)")
      }
    }
  }

  private mutating func give(_ name: String, _ value: String) {
    values[name] = value
    words += Self.words(name, value)
  }

  /// An option with its value. The parser would take the word after `--option=` as its value.
  static func words(_ name: String, _ value: String) -> [String] {
    value.isEmpty ? ["--\(name)", ""] : ["--\(name)=\(value)"]
  }

  /// This includes a negative number, and a single dash, which stands for standard input.
  private static func isValue(_ word: String) -> Bool {
    !word.hasPrefix("-") || word == "-" || isNegative(word)
  }

  private static func isNegative(_ word: String) -> Bool {
    let letters = word.utf8
    return letters.first == UInt8(ascii: "-")
      && letters.dropFirst().first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        == true
  }
}

/// The usual spellings of `true` and `false`.
enum FlagValue {
  static func read(_ text: String) -> Bool? {
    switch text.lowercased() {
    case "1", "true", "yes", "on": true
    case "0", "false", "no", "off": false
    default: nil
    }
  }
}

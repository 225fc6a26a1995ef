internal import ClusterModel

/// An option that may stand in the environment or in a file instead of on the command line.
package struct Setting: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case value
    /// A value that may be left out: the option alone, and `true`, stand for none; `false` for no
    /// such option.
    case optionalValue
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
package struct SettingsFailure: PlainError, Equatable {
  package let description: String

  package init(_ description: String) {
    self.description = description
  }
}

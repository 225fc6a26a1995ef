internal import ClusterModel

/// An option that may also be given in the environment or in a file.
package struct Setting: Equatable, Sendable {
  package enum Kind: Equatable, Sendable {
    case value
    /// The value is optional: the option alone and `true` both mean no value, and `false` means
    /// that the option is absent.
    case optionalValue
    /// It may be given several times.
    case list
    /// It is present or absent, without a value.
    case flag
  }

  /// The name on the command line, without the dashes.
  package let name: String
  package let kind: Kind

  package init(_ name: String, _ kind: Kind = .value) {
    self.name = name
    self.kind = kind
  }

  /// The environment variable of a program for this option: `AOSD_MAX_CLIENTS` for `max-clients`.
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

/// How long an instance that is told to stop waits for its sessions.
///
/// Read in two steps: the parser takes an option whose value is optional as given without one
/// where reading the value fails.
struct DrainOnStop: Equatable, CustomStringConvertible {
  /// As it was given; nil, and `true` in the environment: as long as it takes.
  private let text: String?

  init(_ text: String?) {
    self.text = text == "true" ? nil : text
  }

  /// Nil: as long as it takes.
  var seconds: Int? { text.flatMap { Int($0) } }

  var isValid: Bool { text == nil || seconds.map { (0...604_800).contains($0) } == true }

  var description: String { text ?? "for ever" }
}

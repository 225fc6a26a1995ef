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

  /// Nobody's session is ended sooner after he was told.
  static let leastSeconds = 60

  /// Nil: as long as it takes.
  var seconds: Int? { given.map { max($0, Self.leastSeconds) } }

  var isValid: Bool { text == nil || given.map { (0...604_800).contains($0) } == true }

  /// A word for the log where it is not as it was given.
  var note: String? {
    guard let given, given < Self.leastSeconds else { return nil }
    return "--drain-on-stop \(given) is taken as \(Self.leastSeconds): no session ends less than "
      + "\(Self.leastSeconds) s after its user was told"
  }

  private var given: Int? { text.flatMap { Int($0) } }

  var description: String { text ?? "for ever" }
}

internal import ClusterModel

/// One word of a filter: `alice`, `-batch`, `state:draining`, `load>80`, `reason:"new kernel"`.
struct FilterTerm: Equatable, Sendable {
  private enum Question: Equatable {
    /// In any of its texts.
    case anywhere(SearchedText)
    case text(FilterField, SearchedText, isWhole: Bool)
    case number(FilterField, Comparison, Double)
    /// It has no condition: it is half typed, or wrong for this reason.
    case nothing(String?)
  }

  enum Comparison: String, CaseIterable {
    case atLeast = ">="
    case atMost = "<="
    case above = ">"
    case below = "<"
    case equal = "="
    case holds = ":"

    func holds(_ left: Double, _ right: Double) -> Bool {
      switch self {
      case .atLeast: left >= right
      case .atMost: left <= right
      case .above: left > right
      case .below: left < right
      case .equal, .holds: left == right
      }
    }
  }

  private let question: Question
  private let isInverted: Bool

  init(_ word: Substring) {
    isInverted = word.first == "-" && word.count > 1
    let word = isInverted ? word.dropFirst() : word
    question = Self.question(String(word))
  }

  /// Whether the second word belongs to the first: `load` and `>80`, `load>` and `80`.
  static func isOpen(_ word: String, before next: String) -> Bool {
    let plain = word.first == "-" ? word.dropFirst() : word[...]
    let name = plain.prefix { $0.isLetter }
    guard FilterField.named(name.lowercased()) != nil else { return false }
    let rest = plain.dropFirst(name.count)
    let signs = Comparison.allCases.map(\.rawValue)
    if rest.isEmpty { return signs.contains { next.hasPrefix($0) } }
    return signs.contains(String(rest))
  }

  private static func question(_ word: String) -> Question {
    let name = word.prefix { $0.isLetter }
    let rest = word.dropFirst(name.count)
    guard !name.isEmpty,
      let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) })
    else { return anywhere(word) }
    let value = unquoted(rest.dropFirst(comparison.rawValue.count))
    guard let field = FilterField.named(name.lowercased()) else {
      // A host with its port is an ordinary text, and so is the beginning of one.
      let isText = comparison == .holds && value.allSatisfy { ("0"..."9").contains($0) }
      return isText ? anywhere(word) : .nothing(FilterField.complaint(about: String(name)))
    }
    if value.isEmpty { return .nothing(nil) }
    guard case .number = field.value else {
      guard comparison == .equal || comparison == .holds else {
        return .nothing("\(field.name) is a text: \(field.name):part or \(field.name)=all")
      }
      return .text(field, SearchedText(value), isWhole: comparison == .equal)
    }
    guard let number = Double(value.last == "%" ? String(value.dropLast()) : value),
      number.isFinite
    else { return .nothing("\(field.name) wants a number, such as \(field.name)>80") }
    return .number(field, comparison, number)
  }

  private static func anywhere(_ word: String) -> Question {
    let text = unquoted(word[...])
    return text.isEmpty ? .nothing(nil) : .anywhere(SearchedText(text))
  }

  private static func unquoted(_ text: Substring) -> String { text.filter { $0 != "\"" } }

  /// Whether it has no condition and hides nothing.
  var isIncomplete: Bool {
    if case .nothing = question { true } else { false }
  }

  var complaint: String? {
    if case .nothing(let complaint) = question { complaint } else { nil }
  }

  /// Whether it is the same as the other one, or stricter.
  func narrows(_ other: FilterTerm) -> Bool {
    if self == other || other.isIncomplete { return true }
    guard case .anywhere(let text) = question, case .anywhere(let part) = other.question else {
      return false
    }
    return !isInverted && !other.isInverted && text.holds(part)
  }

  /// - Parameter seats: What the license column says for servers without a seat.
  func holds(of instance: InstanceStatus, seats: String?) -> Bool {
    isHeld(of: instance, seats) != isInverted
  }

  private func isHeld(of instance: InstanceStatus, _ seats: String?) -> Bool {
    // The filter finds what is on the screen.
    let license = instance.license.isUnlicensed ? instance.licenseText(seats: seats) : nil
    switch question {
    case .anywhere(let text):
      return FilterField.hold(text, instance) || license.map(text.isPart(of:)) ?? false
    case .text(let field, let text, let isWhole):
      guard case .text(let said) = field.value else { return false }
      let isWanted = isWhole ? text.isWhole : text.isPart(of:)
      if field.name == "license", license.map(isWanted) ?? false { return true }
      return said(instance, isWanted)
    case .number(let field, let comparison, let number):
      guard case .number(let value) = field.value, let have = value(instance) else { return false }
      return comparison.holds(have, number)
    case .nothing: return true
    }
  }
}

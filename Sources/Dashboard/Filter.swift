package import ClusterModel

/// Which instances are shown: those of which every word of the filter holds.
package struct Filter: Equatable, Sendable {
  /// As typed. `!` in front shows the others; `-` in front of a word leaves out what it names.
  package var text: String
  /// Only what an operator should look at.
  package var isProblemsOnly: Bool
  /// From which load on an instance is one of those.
  package var thresholds: LoadThresholds

  package init(
    text: String = "", isProblemsOnly: Bool = false, thresholds: LoadThresholds = LoadThresholds()
  ) {
    self.text = text
    self.isProblemsOnly = isProblemsOnly
    self.thresholds = thresholds
  }

  package var isActive: Bool { isProblemsOnly || text.contains { $0 != " " && $0 != "!" } }

  private var isInverted: Bool { text.first == "!" }

  private var terms: [FilterTerm] {
    let words = (isInverted ? text.dropFirst() : text[...]).split(separator: " ")
    // A dash alone is the beginning of a word that leaves out.
    return words.filter { $0 != "-" }.map(FilterTerm.init)
  }

  /// What is wrong with a word, for the operator who types it; nil where nothing is.
  package var complaint: String? { terms.lazy.compactMap(\.complaint).first }

  /// The filter as one question, made once for many instances.
  package func matcher() -> (InstanceStatus) -> Bool {
    let (terms, isInverted) = (terms.filter { !$0.isIncomplete }, isInverted)
    let (isProblemsOnly, thresholds) = (isProblemsOnly, thresholds)
    return { instance in
      if isProblemsOnly, !instance.isProblem(thresholds) { return false }
      return terms.isEmpty || terms.allSatisfy { $0.holds(of: instance) } != isInverted
    }
  }

  /// Everything but the words again, as Esc leaves it.
  mutating func clear() { (text, isProblemsOnly) = ("", false) }
}

/// One word of a filter: `alice`, `-batch`, `state:draining`, `load>80`.
struct FilterTerm: Equatable, Sendable {
  private enum Question: Equatable {
    /// Somewhere in what is said of it.
    case anywhere(SearchedText)
    case text(FilterField, SearchedText, isWhole: Bool)
    case number(FilterField, Comparison, Double)
    /// Half typed, or a number that is none.
    case incomplete(FilterField, String)
  }

  enum Comparison: String, CaseIterable {
    case atLeast = ">=", atMost = "<=", above = ">", below = "<", equal = "=", holds = ":"

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

  private static func question(_ word: String) -> Question {
    let name = word.prefix { $0.isLetter }
    let rest = word.dropFirst(name.count)
    guard let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }),
      let field = FilterField.named(name.lowercased())
    else { return .anywhere(SearchedText(word)) }
    let value = rest.dropFirst(comparison.rawValue.count)
    if case .number = field.value {
      let digits = value.last == "%" ? value.dropLast() : value
      guard let number = Double(digits), number.isFinite else {
        return .incomplete(field, String(value))
      }
      return .number(field, comparison, number)
    }
    if value.isEmpty { return .incomplete(field, "") }
    // Of a text nothing is more or less; such a word is looked for as it stands.
    guard comparison == .equal || comparison == .holds else { return .anywhere(SearchedText(word)) }
    return .text(field, SearchedText(String(value)), isWhole: comparison == .equal)
  }

  /// It asks nothing yet, and hides nothing.
  var isIncomplete: Bool {
    if case .incomplete = question { true } else { false }
  }

  var complaint: String? {
    guard case .incomplete(let field, let value) = question, !value.isEmpty else { return nil }
    return "\(field.name) wants a number, such as \(field.name)>80"
  }

  func holds(of instance: InstanceStatus) -> Bool {
    isHeld(of: instance) != isInverted
  }

  private func isHeld(of instance: InstanceStatus) -> Bool {
    switch question {
    case .anywhere(let text): return FilterField.hold(text, instance)
    case .text(let field, let text, let isWhole):
      guard case .text(let said) = field.value else { return false }
      return said(instance, isWhole ? text.isWhole : text.isPart(of:))
    case .number(let field, let comparison, let number):
      guard case .number(let value) = field.value, let have = value(instance) else { return false }
      return comparison.holds(have, number)
    case .incomplete: return true
    }
  }
}

extension InstanceStatus {
  /// Whether an operator should look at it: it is not doing what it is there for, or it is
  /// nearly full, or it does not obey yet.
  package func isProblem(_ thresholds: LoadThresholds) -> Bool {
    if !delivered { return true }
    switch state {
    case .accepting:
      return load.workload == nil || thresholds.level(of: load.workload) == .critical
    case .balancing: return false
    case .full, .draining, .drained, .stopped, .unreachable, .notYetSeen, .unlicensed: return true
    }
  }
}

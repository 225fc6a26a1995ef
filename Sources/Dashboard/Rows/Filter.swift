package import ClusterModel

/// Which instances are shown: those that match every word of the filter.
package struct Filter: Equatable, Sendable {
  /// The text as typed. A leading `!` shows the others; `-` before a word excludes it.
  package var text: String
  /// Whether to show only instances that an operator should look at.
  package var isProblemsOnly: Bool
  /// The load from which an instance is one of those.
  package var thresholds: LoadThresholds

  package init(
    text: String = "", isProblemsOnly: Bool = false, thresholds: LoadThresholds = LoadThresholds()
  ) {
    self.text = text
    self.isProblemsOnly = isProblemsOnly
    self.thresholds = thresholds
  }

  /// The text, if a filter can have it; nil where it is too long or cannot be shown.
  static func checked(_ text: String) -> String? {
    try? PlainText.checkedPart(text, field: "filter", limit: PlainText.longestName)
  }

  package var isActive: Bool { isProblemsOnly || text.contains { $0 != " " && $0 != "!" } }

  private var isInverted: Bool { text.first == "!" }

  /// The conditions for a visible instance: all terms of one of these.
  private var choices: [[FilterTerm]] {
    words.split(separator: "|", omittingEmptySubsequences: true).map { words in
      // A dash alone is the beginning of an excluded word.
      Self.joined(Array(words)).filter { $0 != "-" }.map { FilterTerm($0[...]) }
    }
  }

  private var terms: [FilterTerm] { choices.flatMap { $0 } }

  /// The text divided at blanks and at `|` outside quotes; the quotes are kept. A quote without an
  /// end is half typed.
  private var words: [String] {
    var isQuoted = false
    var words: [String] = [""]
    for character in isInverted ? text.dropFirst() : text[...] {
      if character == "\"" { isQuoted.toggle() }
      if character == " ", !isQuoted {
        words.append("")
      } else if character == "|", !isQuoted {
        words += ["|", ""]
      } else {
        words[words.count - 1].append(character)
      }
    }
    return words.filter { !$0.isEmpty }
  }

  /// `load > 80` is one word if the first part is a field.
  private static func joined(_ words: [String]) -> [String] {
    var joined: [String] = []
    for word in words {
      guard let last = joined.last, FilterTerm.isOpen(last, before: word) else {
        joined.append(word)
        continue
      }
      joined[joined.count - 1] = last + word
    }
    return joined
  }

  /// A hint where nothing is found and the text looks like a pattern; otherwise nil.
  package var hint: String? {
    let signs = ["*", ".*", "^", "$", "[", "\\", "%"]
    guard let sign = signs.first(where: text.contains) else { return nil }
    return "\"\(sign)\" is not a wildcard here: a word is found anywhere in a text"
  }

  /// What is wrong with a word, for the operator who types it; nil where nothing is.
  package var complaint: String? { terms.lazy.compactMap(\.complaint).first }

  /// The filter as one function, made once for many instances.
  ///
  /// - Parameter seats: What the license column says for servers without a seat.
  package func matcher(seats: String? = nil) -> (InstanceStatus) -> Bool {
    let choices = choices.map { $0.filter { !$0.isIncomplete } }.filter { !$0.isEmpty }
    let isInverted = isInverted
    let (isProblemsOnly, thresholds) = (isProblemsOnly, thresholds)
    return { instance in
      if isProblemsOnly, !instance.isProblem(thresholds) { return false }
      let isMatch = choices.contains { terms in
        terms.allSatisfy { $0.holds(of: instance, seats: seats) }
      }
      return choices.isEmpty || isMatch != isInverted
    }
  }

  /// Whether it shows nothing that the other filter hides, as far as the words tell.
  func narrows(_ other: Filter) -> Bool {
    guard !isInverted, !other.isInverted, thresholds == other.thresholds,
      isProblemsOnly || !other.isProblemsOnly
    else { return false }
    guard choices.count <= 1, other.choices.count <= 1 else { return false }
    let (mine, others) = (terms, other.terms)
    return mine.count >= others.count && zip(mine, others).allSatisfy { $0.narrows($1) }
  }

  /// Resets everything except the thresholds, as Esc does.
  mutating func clear() { (text, isProblemsOnly) = ("", false) }
}

extension InstanceStatus {
  /// Whether an operator should look at it: it does not work, is nearly full, or does not obey yet.
  package func isProblem(_ thresholds: LoadThresholds) -> Bool {
    if !delivered { return true }
    switch state {
    case .accepting:
      return load.workload == nil || thresholds.level(of: load.workload) == .critical
    case .balancing: return false
    case .full, .draining, .drained, .stopped, .unreachable, .notYetSeen, .applicationDown,
      .unlicensed, .unrecognized:
      return true
    }
  }
}

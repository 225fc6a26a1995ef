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

  /// Takes a character in.
  ///
  /// - Returns: It fits, and can be shown.
  mutating func append(_ character: Character) -> Bool {
    guard let longer = try? PlainText.checkedSentence(
      text + String(character), field: "filter", limit: PlainText.longestName)
    else { return false }
    text = longer
    return true
  }

  package var isActive: Bool { isProblemsOnly || text.contains { $0 != " " && $0 != "!" } }

  private var isInverted: Bool { text.first == "!" }

  private var terms: [FilterTerm] {
    // A dash alone is the beginning of a word that leaves out.
    words.filter { $0 != "-" }.map(FilterTerm.init)
  }

  /// Cut at the blanks that are not between quotes; the quotes are still in it. What is open at
  /// the end is half typed.
  private var words: [Substring] {
    var isQuoted = false
    return (isInverted ? text.dropFirst() : text[...]).split { character in
      if character == "\"" { isQuoted.toggle() }
      return character == " " && !isQuoted
    }
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

  /// Whether it shows nothing that another one hides, as far as its words tell.
  func narrows(_ other: Filter) -> Bool {
    guard !isInverted, !other.isInverted, thresholds == other.thresholds,
      isProblemsOnly || !other.isProblemsOnly
    else { return false }
    let (mine, others) = (terms, other.terms)
    return mine.count >= others.count && zip(mine, others).allSatisfy { $0.narrows($1) }
  }

  /// Everything but the words again, as Esc leaves it.
  mutating func clear() { (text, isProblemsOnly) = ("", false) }
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
    case .full, .draining, .drained, .stopped, .unreachable, .notYetSeen, .unlicensed,
      .unrecognized:
      return true
    }
  }
}

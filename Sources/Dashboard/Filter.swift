package import ClusterModel

/// Which instances are shown: those that hold every word somewhere in what is said of them.
package struct Filter: Equatable, Sendable {
  /// As typed; `!` in front shows the others.
  package var text: String
  /// Only what an operator should look at.
  package var isProblemsOnly: Bool

  package init(text: String = "", isProblemsOnly: Bool = false) {
    self.text = text
    self.isProblemsOnly = isProblemsOnly
  }

  package var isActive: Bool { isProblemsOnly || !words.isEmpty }

  private var isInverted: Bool { text.first == "!" }

  private var words: [String] {
    (isInverted ? text.dropFirst() : text[...]).lowercased().split(separator: " ").map(String.init)
  }

  package func apply(to instances: [InstanceStatus]) -> [InstanceStatus] {
    let (words, isInverted) = (words, isInverted)
    return instances.filter { instance in
      if isProblemsOnly, !instance.isProblem { return false }
      if words.isEmpty { return true }
      let said = instance.searchText
      return words.allSatisfy { said.contains($0) } != isInverted
    }
  }
}

extension InstanceStatus {
  /// Whether an operator should look at it: it is not doing what it is there for, or it is
  /// nearly full, or it does not obey yet.
  package var isProblem: Bool {
    if !delivered { return true }
    switch state {
    case .accepting: return (load.workload ?? 1) >= Threshold.critical
    case .balancing: return false
    case .full, .draining, .drained, .stopped, .unreachable, .notYetSeen, .unlicensed: return true
    }
  }

  /// Everything a filter finds, in lower case.
  fileprivate var searchText: String {
    let said: [String?] = [
      id.text, roleText, state.name, healthText, admission.rawValue, "\(address)",
      admissionBy, admissionReason, healthReason,
      license.reason, exclusion?.sentence, version,
    ]
    return said.compactMap(\.self).joined(separator: " ").lowercased()
  }
}

/// Loads from which on an instance is shown as busy, as shares of its maximum.
package enum Threshold {
  package static let warning = 0.8
  package static let critical = 0.95
}

internal import ClusterAPI
internal import ClusterModel

/// The terms of a drain beside those of the drain before it: a drain replaces the terms of the
/// current one.
struct TermsReport {
  /// The terms of the earlier drains that had any.
  private let before: [InstanceID: DrainTerms]

  /// - Parameter instances: The instances before the change; none where that is not known.
  init(before instances: [InstanceStatus]) {
    before = instances.reduce(into: [:]) { terms, instance in
      guard instance.admission == .rejecting else { return }
      terms[instance.id] = instance.drain?.terms
    }
  }

  /// A line for each instance that has terms now or had some before.
  func lines(of answer: MutationAnswer, dryRun: Bool) -> [String] {
    answer.instances.compactMap { instance in
      guard instance.admission == .rejecting, let drain = instance.drain else { return nil }
      return line(of: instance.id, drain.terms, dryRun: dryRun)
    }
  }

  private func line(of id: InstanceID, _ terms: DrainTerms, dryRun: Bool) -> String? {
    var (inForce, lifted): ([String], [String]) = ([], [])
    for part in Self.parts {
      let (now, earlier) = (part.words(terms), before[id].flatMap(part.words))
      if let now {
        let change = earlier.map { $0 == now ? "" : " instead of \($0)" } ?? ""
        inForce.append("\(part.name) \(now)\(change)")
      } else if let earlier {
        lifted.append("\(part.name) \(earlier)")
      }
    }
    let ends = terms.untilRestart
    if ends { inForce.append("until it restarts") }
    if !ends, before[id]?.untilRestart == true { lifted.append("until it restarts") }
    guard !inForce.isEmpty || !lifted.isEmpty else { return nil }
    let words = inForce.isEmpty ? "none" : inForce.joined(separator: ", ")
    return "\(id): terms of the drain\(dryRun ? " would be" : ""): \(words)"
      + (lifted.isEmpty
        ? "" : "; \(dryRun ? "would be lifted" : "lifted"): \(lifted.joined(separator: ", "))")
  }

  /// The terms that have a value, in the order in which they are reported.
  private static let parts: [(name: String, words: @Sendable (DrainTerms) -> String?)] = [
    ("deadline", { $0.deadline.map(\.description) }),
    ("idle limit", { $0.closeIdleAfterSeconds.map { "\($0) s" } }),
    ("message", { $0.message.map { "\"\($0)\"" } }),
  ]
}

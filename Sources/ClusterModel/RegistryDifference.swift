/// The changes of a decision, with their numbers. It is pure, so that every database keeps the
/// same.
package struct RegistryDifference: Equatable, Sendable {
  /// The contents after the change.
  package private(set) var contents: RegistryContents
  /// The ids of the rows to write, ascending.
  package private(set) var rows: [InstanceID] = []
  /// The ids of the rows whose desired state changed, ascending.
  package private(set) var concerned: [InstanceID] = []
  /// The tokens to write.
  package private(set) var tokens: [AccessToken] = []
  /// The ids of removed rows to delete.
  package private(set) var forgottenRows: [InstanceID] = []
  /// The ids of tokens to delete.
  package private(set) var forgottenTokens: [String] = []
  /// The steps of the signing key to write.
  package private(set) var rotations: [KeyRotation] = []
  /// Whether there is nothing to write.
  package private(set) var isEmpty = true

  /// - Parameters:
  ///   - old: The contents that were read in this transaction.
  ///   - decided: The result of the decision.
  ///   - at: The time of removal for rows that the decision dropped.
  package init(from old: RegistryContents, to decided: RegistryContents, at: Timestamp) {
    contents = decided
    contents.cluster = old.cluster
    contents.epoch = old.epoch
    // A decision may only raise the number: then every order is given again.
    let isRaised = decided.revision > old.revision
    // Of thousands of rows a change concerns few: only those are looked at.
    var touched = decided.instances.compactMap { id, row in
      old.instances[id] == row ? nil : id
    }
    // Or that of one row, whose order is given again.
    let raised = Set(
      touched.filter { id in
        guard let row = decided.instances[id], let before = old.instances[id] else { return false }
        return row.revision > before.revision
      })
    contents.revision = max(old.revision, decided.revision)
    for (id, row) in old.instances where decided.instances[id] == nil {
      // A member that is dropped stays as a removed row; a removed row that is dropped is
      // deleted.
      guard !row.isRemoved else {
        forgottenRows.append(id)
        continue
      }
      contents.instances[id] = row
      contents.instances[id]?.removedAt = at
      touched.append(id)
    }
    forgottenRows.sort()
    for id in touched {
      contents.instances[id]?.id = id
      if let before = old.instances[id] { contents.instances[id]?.revision = before.revision }
    }
    contents.numberArrivals(among: touched, since: old)
    rows = (isRaised ? Array(contents.instances.keys) : touched).filter { id in
      isRaised || raised.contains(id) || contents.instances[id] != old.instances[id]
    }.sorted()
    tokens = contents.tokens.values.filter { $0 != old.tokens[$0.id] }
    forgottenTokens = old.tokens.keys.filter { contents.tokens[$0] == nil }
    rotations = contents.rotations.filter { !old.rotations.contains($0) }
    isEmpty =
      !isRaised && rows.isEmpty && forgottenRows.isEmpty && tokens.isEmpty
      && forgottenTokens.isEmpty && rotations.isEmpty
      && contents.signingSeed == old.signingSeed
      && contents.seats == old.seats && contents.license == old.license
      && contents.licenseEndedBy == old.licenseEndedBy
    guard !isEmpty else { return }
    contents.revision += 1
    concerned = rows.filter { id in
      isRaised || raised.contains(id) || old.instances[id] == nil
        || contents.desiredState(of: id) != old.desiredState(of: id)
    }
    for id in concerned { contents.instances[id]?.revision = contents.revision }
  }

  /// The actions of this change. Those of an instance that must obey something new are not
  /// delivered yet. An instance that joins asked for the order itself.
  package func marked(_ drafts: [ActionDraft]) -> [ActionDraft] {
    drafts.map { draft in
      guard draft.action != .join, let id = draft.instance, concerned.contains(id),
        contents.instances[id]?.role.isLoadBalancer == false
      else { return draft }
      var draft = draft
      draft.delivered = false
      return draft
    }
  }
}

extension RegistryContents {
  /// Gives the next registration numbers to rows that are new or that come back after a removal.
  ///
  /// Each number is higher than those of all existing rows, which is enough for the order of seats.
  /// The number of a deleted row may be given again.
  fileprivate mutating func numberArrivals(
    among touched: [InstanceID], since old: RegistryContents
  ) {
    var arrivals: [RegisteredInstance] = []
    for id in touched {
      guard let row = instances[id] else { continue }
      if let before = old.instances[id], !before.isRemoved || row.isRemoved {
        instances[id]?.registration = before.registration
      } else {
        arrivals.append(row)
      }
    }
    guard !arrivals.isEmpty else { return }
    var last = old.instances.values.reduce(0) { max($0, $1.registration) }
    for row in arrivals.sorted(by: { ($0.registration, $0.id) < ($1.registration, $1.id) }) {
      last += 1
      instances[row.id]?.registration = last
    }
  }
}

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
    // It may also raise the number of one row, whose order is then given again.
    let raised = Set(
      old.instances.keys.filter { id in
        decided.instances[id].map { $0.revision > old.instances[id]?.revision ?? 0 } ?? false
      })
    contents.revision = max(old.revision, decided.revision)
    for (id, row) in old.instances where contents.instances[id] == nil {
      // A dropped member stays as a removed row; a dropped removed row is deleted.
      guard !row.isRemoved else {
        forgottenRows.append(id)
        continue
      }
      contents.instances[id] = row
      contents.instances[id]?.removedAt = at
    }
    forgottenRows.sort()
    for (id, row) in contents.instances {
      contents.instances[id]?.id = id
      contents.instances[id]?.revision = old.instances[id]?.revision ?? row.revision
    }
    contents.numberArrivals(since: old)
    rows = contents.instances.keys.sorted().filter { id in
      isRaised || raised.contains(id) || contents.instances[id] != old.instances[id]
    }
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
  fileprivate mutating func numberArrivals(since old: RegistryContents) {
    var last = old.instances.values.map(\.registration).max() ?? 0
    var arrivals: [RegisteredInstance] = []
    for (id, row) in instances {
      if let before = old.instances[id], !before.isRemoved || row.isRemoved {
        instances[id]?.registration = before.registration
      } else {
        arrivals.append(row)
      }
    }
    for row in arrivals.sorted(by: { ($0.registration, $0.id) < ($1.registration, $1.id) }) {
      last += 1
      instances[row.id]?.registration = last
    }
  }
}

/// What a decision changed, with the numbers it is given. Pure: every database keeps it alike.
package struct RegistryDifference: Equatable, Sendable {
  /// The contents after the change.
  package private(set) var contents: RegistryContents
  /// Ids of the rows to be written, ascending.
  package private(set) var rows: [InstanceID] = []
  /// Ids of the rows whose desired state differs, ascending.
  package private(set) var concerned: [InstanceID] = []
  /// Tokens to be written.
  package private(set) var tokens: [AccessToken] = []
  /// Ids of removed rows to be deleted.
  package private(set) var forgottenRows: [InstanceID] = []
  /// Ids of tokens to be forgotten.
  package private(set) var forgottenTokens: [String] = []
  /// Steps of the signing key to be written.
  package private(set) var rotations: [KeyRotation] = []
  /// Nothing is to be written.
  package private(set) var isEmpty = true

  /// - Parameters:
  ///   - old: What was read in this transaction.
  ///   - decided: What the decision made of it.
  ///   - at: When a row that the decision dropped counts as removed.
  package init(from old: RegistryContents, to decided: RegistryContents, at: Timestamp) {
    contents = decided
    contents.cluster = old.cluster
    contents.epoch = old.epoch
    // A decision may only raise it: every order is given again then.
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

  /// The actions of this change: those of an instance that has something new to obey are not
  /// delivered yet. An instance that joins has asked for it.
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
  /// Gives the next registration numbers to rows that are new or back after their removal.
  ///
  /// It is higher than that of every row there is, which is all that seats go by: the number of a
  /// removed row that was deleted may be given again.
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

internal import ClusterModel

/// The actor, the time and the key of a change.
struct ChangeRequest {
  /// Nil where a repeat cannot be recognised.
  var key: RequestKey?
  var at: Timestamp
  var actor: ActionActor

  /// Decides about `old` and writes the differences: everything that a change does between the lock
  /// and the commit. Nothing is written before the decision, so there is nothing to undo when it
  /// throws.
  ///
  /// - Parameter actionsKept: How many actions are kept.
  /// - Returns: The commit, or the error of the decision.
  func carryOut(
    on old: RegistryContents, actionsKept: ActionRetention, in session: some SQLSession,
    decide: (inout RegistryContents) throws -> [ActionDraft]
  ) throws -> Result<RegistryCommit, any Error> {
    if let entry = try findEntry(in: session) {
      // An entry of an older release has no digest.
      if let asked = entry.digest, let digest = key?.digest, asked != digest {
        return .failure(KeyReused())
      }
      return .success(try commit(of: entry, in: session, contents: old))
    }
    var decided = old
    let drafts: [ActionDraft]
    do { drafts = try decide(&decided) } catch { return .failure(error) }
    let difference = RegistryDifference(from: old, to: decided, at: at)
    let new = difference.contents
    if !difference.isEmpty {
      try ClusterTable.write(new, to: session)
      try InstanceRow.forget(difference.forgottenRows, in: session)
      try InstanceRow.write(difference.rows.compactMap { new.instances[$0] }, to: session)
      try TokenTable.write(difference.tokens, to: session)
      try TokenTable.forget(difference.forgottenTokens, in: session)
      try RotationTable.append(difference.rotations, to: session)
    }
    let actions = try ActionTable.append(
      difference.marked(drafts), at: at, actor: actor, kept: actionsKept, to: session)
    let commit = RegistryCommit(
      contents: new, revision: new.revision, concerned: difference.concerned, actions: actions,
      isRepeat: false, note: key?.note)
    try keep(commit, in: session)
    return .success(commit)
  }

  /// The result of an earlier request with the same key, if there was one.
  private func findEntry(in session: some SQLSession) throws -> RequestTable.Entry? {
    guard let key else { return nil }
    return try RequestTable.find(key.id, actor: actor.requestName, at: at, in: session)
  }

  private func commit(
    of entry: RequestTable.Entry, in session: some SQLSession, contents: RegistryContents
  ) throws -> RegistryCommit {
    RegistryCommit(
      contents: contents, revision: entry.revision, concerned: entry.concerned,
      actions: try ActionTable.records(
        first: entry.firstAction, count: entry.actionCount, from: session),
      isRepeat: true, note: entry.note)
  }

  /// Keeps the commit for repeats of this request.
  private func keep(_ commit: RegistryCommit, in session: some SQLSession) throws {
    guard let key else { return }
    let entry = RequestTable.Entry(
      revision: commit.revision, concerned: commit.concerned,
      firstAction: commit.actions.first?.id ?? 0, actionCount: Int64(commit.actions.count),
      digest: key.digest, note: key.note)
    try RequestTable.keep(entry, id: key.id, actor: actor.requestName, at: at, in: session)
  }
}

extension ActionActor {
  /// The name under which requests are kept. A token named like a user must not see the user's
  /// requests; no user name of a system contains a colon.
  fileprivate var requestName: String { kind == .unix ? name : "\(kind.rawValue):\(name)" }
}

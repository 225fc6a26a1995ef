internal import ClusterModel

/// Who asks for a change, when, and under which name.
struct ChangeRequest {
  /// Nil: a repeat cannot be told from a new request.
  var id: String?
  var at: Timestamp
  var actor: String

  /// Decides on `old`, and writes what differs: all that a change does between the lock and the
  /// commit. Writes nothing before the decision is made, so there is nothing to undo when it
  /// throws.
  ///
  /// - Parameter actionsKept: How many actions are kept; the oldest go first.
  /// - Returns: The commit, or what the decision threw.
  func carryOut(
    on old: RegistryContents, actionsKept: Int, in session: some SQLSession,
    decide: (inout RegistryContents) throws -> [ActionDraft]
  ) throws -> Result<RegistryCommit, any Error> {
    if let repeated = try findRepeat(in: session, contents: old) { return .success(repeated) }
    var decided = old
    let drafts: [ActionDraft]
    do { drafts = try decide(&decided) } catch { return .failure(error) }
    let difference = RegistryDifference(from: old, to: decided, at: at)
    let new = difference.contents
    if !difference.isEmpty {
      try ClusterTable.write(new, to: session)
      try InstanceRow.write(difference.rows.compactMap { new.instances[$0] }, to: session)
      try TokenTable.write(difference.tokens, to: session)
      try TokenTable.forget(difference.forgottenTokens, in: session)
    }
    let actions = try ActionTable.append(
      drafts, at: at, actor: actor, kept: actionsKept, to: session)
    let commit = RegistryCommit(
      contents: new, revision: new.revision, concerned: difference.concerned, actions: actions,
      isRepeat: false)
    try keep(commit, in: session)
    return .success(commit)
  }

  /// The commit of the same request, if it was carried out before.
  private func findRepeat(
    in session: some SQLSession, contents: RegistryContents
  ) throws -> RegistryCommit? {
    guard let id, let entry = try RequestTable.find(id, actor: actor, at: at, in: session) else {
      return nil
    }
    return RegistryCommit(
      contents: contents, revision: entry.revision, concerned: entry.concerned,
      actions: try ActionTable.records(
        first: entry.firstAction, count: entry.actionCount, from: session),
      isRepeat: true)
  }

  /// Keeps the commit for repeats of this request.
  private func keep(_ commit: RegistryCommit, in session: some SQLSession) throws {
    guard let id else { return }
    let entry = RequestTable.Entry(
      revision: commit.revision, concerned: commit.concerned,
      firstAction: commit.actions.first?.id ?? 0, actionCount: Int64(commit.actions.count))
    try RequestTable.keep(entry, id: id, actor: actor, at: at, in: session)
  }
}

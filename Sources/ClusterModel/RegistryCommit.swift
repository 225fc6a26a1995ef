/// The result of a change.
package struct RegistryCommit: Equatable, Sendable {
  /// The contents of the registry after the change; for a repeat, its contents now.
  package var contents: RegistryContents
  /// The number of the change, or of the last change where this one changed nothing.
  package var revision: Int64
  /// The instances whose desired state it changed, ascending by id.
  package var concerned: [InstanceID]
  /// The actions that it logged, in the order of their drafts.
  package var actions: [ActionRecord]
  /// Whether the same request was carried out before, so that nothing was done now.
  package var isRepeat: Bool
  /// The note of the request's key; for a repeat, the note of the first request.
  package var note: String?

  package init(
    contents: RegistryContents, revision: Int64, concerned: [InstanceID],
    actions: [ActionRecord], isRepeat: Bool, note: String? = nil
  ) {
    self.contents = contents
    self.revision = revision
    self.concerned = concerned
    self.actions = actions
    self.isRepeat = isRepeat
    self.note = note
  }
}

/// What a change left behind.
package struct RegistryCommit: Equatable, Sendable {
  /// What the registry holds after it; for a repeat, what it holds now.
  package var contents: RegistryContents
  /// Number of the change; the one of the last change where this one changed nothing.
  package var revision: Int64
  /// Instances whose desired state it touched, ascending by id.
  package var concerned: [InstanceID]
  /// The actions it logged, in the order of their drafts.
  package var actions: [ActionRecord]
  /// The request was carried out before; nothing was done now.
  package var isRepeat: Bool
  /// The note of the request's key; for a repeat, the one of then.
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

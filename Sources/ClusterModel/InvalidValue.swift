/// A value from outside that breaks a rule of the model: which field, and what is wrong with it.
///
/// The text never repeats the value itself, so it is safe on any terminal and in any log.
public struct InvalidValue: PlainError, Equatable, Sendable {
  /// Name of the field as the sender knows it, for instance `address`.
  public var field: String
  /// What is wrong, as the end of a sentence that starts with the field's name.
  public var complaint: String

  public init(field: String, complaint: String) {
    self.field = field
    self.complaint = complaint
  }

  public var description: String { "\(field) \(complaint)" }
}

/// A value from outside breaks a rule of the model: the field, and what is wrong with it.
///
/// The text never repeats the value, so it is safe on any terminal and in any log.
public struct InvalidValue: PlainError, Equatable, Sendable {
  /// The name of the field as the sender knows it, for instance `address`.
  public var field: String
  /// What is wrong. The text follows the name of the field and ends the sentence.
  public var complaint: String

  public init(field: String, complaint: String) {
    self.field = field
    self.complaint = complaint
  }

  public var description: String { "\(field) \(complaint)" }
}

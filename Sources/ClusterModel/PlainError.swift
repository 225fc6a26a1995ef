/// An error whose description is written for a person: plain words that name the cause, and no
/// name of a type.
public protocol PlainError: Error, CustomStringConvertible {}

extension Error {
  /// What goes to a user, into a log or into an answer.
  ///
  /// Only the errors of this house describe themselves in words. What a library throws is put
  /// into words at the edge that calls it; one that is not known here gets words without its
  /// name, which would help nobody.
  public var plainWords: String {
    switch self {
    case let error as any PlainError: error.description
    case is CancellationError: "the program is stopping"
    case is DecodingError, is EncodingError: "a value cannot be read or written"
    default: "an error that this program does not know"
    }
  }
}

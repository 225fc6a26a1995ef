/// An error whose description is written for a person: plain words that name the cause, without the
/// name of a type.
public protocol PlainError: Error, CustomStringConvertible {}

extension Error {
  /// The words for a user, a log or an answer.
  ///
  /// Only the errors of this project describe themselves in words. Code that calls a library puts
  /// its errors into words. An error that is not known here gets general words without its type
  /// name, which would not help anybody.
  public var plainWords: String {
    switch self {
    case let error as any PlainError: error.description
    case is CancellationError: "the program is stopping"
    case is DecodingError, is EncodingError: "a value cannot be read or written"
    default: "an error that this program does not know"
    }
  }
}

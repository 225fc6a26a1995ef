internal import ArgumentParser
internal import ClusterModel
internal import Registry

/// The value of `--database`, not checked yet. The parser repeats a value that is refused in its
/// error, and this one may contain a password.
struct DatabaseArgument {
  private let result: Result<DatabaseURL, InvalidValue>

  init(_ text: String) {
    result = Result { () throws(InvalidValue) in try DatabaseURL(text) }
  }

  /// - Throws: What is wrong with the value, without the value.
  func url() throws -> DatabaseURL {
    do { return try result.get() } catch { throw ValidationError(error.plainWords) }
  }
}

internal import ArgumentParser
internal import ClusterModel
internal import Registry

/// The value of `--database`, read but not judged: an option that refuses its value repeats it
/// in the error, and there may be a password in it.
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

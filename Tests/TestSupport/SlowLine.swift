/// A tenth of a second, for a line that carries so many bytes in each: it is slow on purpose.
/// Nothing is waited for with it.
package func passATenthOfASecond() async throws {
  try await Task.sleep(for: .milliseconds(100))
}

/// Lets a tenth of a second pass: for a line that carries this many bytes in each, or for a person
/// who presses one key after another. No test waits for an effect with it.
package func passATenthOfASecond() async throws {
  try await Task.sleep(for: .milliseconds(100))
}

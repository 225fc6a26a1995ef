package import ServiceLifecycle

/// A listener that reports in plain words where and why it cannot listen.
package struct NamedListener: Service {
  private let listener: any Service
  private let name: String
  private let failure: @Sendable (String) -> any Error
  private let onFailure: @Sendable (any Error) -> Void

  /// - Parameters:
  ///   - name: The address, as its operator gave it.
  ///   - failure: Makes the error from these words.
  ///   - onFailure: Called once with the error, before it is thrown.
  package init(
    _ listener: any Service, name: String, failure: @escaping @Sendable (String) -> any Error,
    onFailure: @escaping @Sendable (any Error) -> Void
  ) {
    self.listener = listener
    self.name = name
    self.failure = failure
    self.onFailure = onFailure
  }

  package func run() async throws {
    do {
      try await listener.run()
    } catch is CancellationError {
      onFailure(failure("Stopped."))
    } catch {
      throw failed("Cannot listen on \(name): \(error.networkWords).")
    }
  }

  private func failed(_ words: String) -> any Error {
    let error = failure(words)
    onFailure(error)
    return error
  }
}

internal import Synchronization

/// Counts the connections from each address.
final class ConnectionCounter: Sendable {
  private let counts = Mutex<[String: Int]>([:])
  /// Most at one time; 0: any number.
  private let limit: Int

  init(limit: Int) {
    self.limit = limit
  }

  /// - Returns: False where there are as many already; then nothing is counted.
  func enter(_ address: String) -> Bool {
    counts.withLock { counts in
      guard limit == 0 || counts[address, default: 0] < limit else { return false }
      counts[address, default: 0] += 1
      return true
    }
  }

  func leave(_ address: String) {
    counts.withLock { counts in
      guard let count = counts[address] else { return }
      counts[address] = count > 1 ? count - 1 : nil
    }
  }
}

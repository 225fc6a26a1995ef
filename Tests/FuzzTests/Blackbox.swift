import Foundation
import Synchronization

/// Remembers what is being tried, and writes it down when the process dies of it or hangs.
enum Blackbox {
  private static let capacity = 256
  /// Plain memory, since a handler of signals may take no lock.
  nonisolated(unsafe) private static let line =
    UnsafeMutableBufferPointer<UInt8>.allocate(capacity: capacity)
  private static let length = Atomic(0)
  /// One input may take so long. Generous: only a hang takes longer.
  private static let patienceSeconds: UInt32 = 120
  private static let fatal = [SIGILL, SIGTRAP, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGALRM]

  static func arm() {
    for number in fatal {
      signal(number) { number in
        Blackbox.tell()
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }

  static func disarm() {
    alarm(0)
    for number in fatal { signal(number, SIG_DFL) }
  }

  /// What is tried now.
  static func note(_ words: String) {
    let text = "fuzz: died of \(words)\n".utf8.prefix(capacity)
    length.store(0, ordering: .releasing)
    _ = line.update(fromContentsOf: text)
    length.store(text.count, ordering: .releasing)
    alarm(patienceSeconds)
  }

  private static func tell() {
    _ = write(2, line.baseAddress, length.load(ordering: .acquiring))
  }
}

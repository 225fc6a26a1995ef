internal import CStandardDescriptors
internal import Dispatch
internal import Glibc

/// What a program does when a signal from a terminal, an operator or a timer ends it. Afterwards
/// the signal ends the program as usual. An ignored signal stays ignored, for instance under
/// `nohup`.
///
/// It works even while a write hangs in a stopped terminal or a full pipe. If the action itself
/// hangs, the program still ends after some seconds.
package final class LastAct {
  private static let patience = DispatchTimeInterval.seconds(3)

  private static let signals = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF,
  ]

  private let sources: [any DispatchSourceSignal]

  /// - Parameter act: Called once, on its own thread.
  package init(_ act: @escaping @Sendable () -> Void) {
    let queue = DispatchQueue(label: "last-act")
    let registered = DispatchGroup()
    sources = Self.signals.compactMap { number in
      guard signal_is_ignored(number) == 0 else { return nil }
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
      source.setEventHandler {
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.patience) { Self.end(number) }
        act()
        Self.end(number)
      }
      registered.enter()
      source.setRegistrationHandler { registered.leave() }
      source.resume()
      return source
    }
    // Wait for the sources: an earlier signal would be lost.
    _ = registered.wait(timeout: .now() + Self.patience)
  }

  deinit { cancel() }

  /// From now on the signals end the program at once again.
  package func cancel() {
    for source in sources where !source.isCancelled {
      source.cancel()
      signal(Int32(source.handle), SIG_DFL)
    }
  }

  /// Ends the program as the signal usually would.
  private static func end(_ number: Int32) {
    signal(number, SIG_DFL)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, number)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(number)
  }
}

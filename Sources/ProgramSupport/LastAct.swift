internal import CStandardDescriptors
internal import Dispatch
internal import Glibc

/// What a program still does when a signal ends it: one that a terminal, an operator or a timer
/// sends. The signal then ends it as it would have done by itself. One that is ignored, as `nohup`
/// has it, stays ignored.
///
/// It works beside a write that hangs in a stopped terminal or a full pipe; and where it hangs
/// itself, the program ends after some seconds all the same.
package final class LastAct {
  private static let patience = DispatchTimeInterval.seconds(3)

  private static let signals = [
    SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGALRM, SIGUSR1, SIGUSR2, SIGVTALRM, SIGPROF,
  ]

  private let sources: [any DispatchSourceSignal]

  /// - Parameter act: Called on a thread of its own, once.
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
    // A signal that came before its source is there would be lost.
    _ = registered.wait(timeout: .now() + Self.patience)
  }

  deinit { cancel() }

  /// From here on the signals end the program at once again.
  package func cancel() {
    for source in sources where !source.isCancelled {
      source.cancel()
      signal(Int32(source.handle), SIG_DFL)
    }
  }

  /// As the signal ends a program that has not asked for it.
  private static func end(_ number: Int32) {
    signal(number, SIG_DFL)
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, number)
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
    raise(number)
  }
}

import Foundation
import Testing

/// The signals of this system, as its shell lists them (`kill -l`).
enum Signals {
  /// They stop a process by default, do nothing, or nobody can handle them.
  private static let harmless: Set<Int32> = [
    SIGKILL, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU, SIGCHLD, SIGCONT, SIGURG, SIGWINCH,
  ]

  static let deadly: [Int32] = {
    let shell = Process()
    let output = Pipe()
    shell.executableURL = URL(fileURLWithPath: "/bin/bash")
    shell.arguments = ["-c", "kill -l"]
    shell.standardOutput = output
    guard (try? shell.run()) != nil else { return [] }
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    let numbers = text.split(whereSeparator: \.isWhitespace).compactMap { word in
      word.hasSuffix(")") ? Int32(word.dropLast()) : nil
    }
    return numbers.filter { !harmless.contains($0) }
  }()

  /// How the screen's program ends by it.
  static func end(by signal: Int32) -> ExitTest.Condition {
    switch signal {
    case SIGHUP, SIGINT, SIGTERM: .success
    default: .signal(signal)
    }
  }

  /// What a program is started with: tests block and handle signals for themselves.
  static func setDefault(_ number: Int32) {
    signal(number, SIG_DFL)
    var none = sigset_t()
    sigemptyset(&none)
    pthread_sigmask(SIG_SETMASK, &none, nil)
  }
}

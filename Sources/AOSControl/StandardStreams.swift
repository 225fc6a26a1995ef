internal import Glibc
internal import ProgramSupport

/// Standard input and output as one end of a pair of sockets.
///
/// Two threads copy with blocking calls. So files, pipes and terminals all work, and none is made
/// non-blocking, which would stay so for other programs after this one.
final class StandardStreams: Sendable {
  private static let pieceBytes = 64 << 10

  private let near: CInt
  /// The other end, which belongs to the caller.
  let far: CInt
  private let inputFailure = Shared<ProgramFailure?>(nil)

  /// - Throws: `ProgramFailure` where there is no free descriptor.
  init() throws(ProgramFailure) {
    var pair: [CInt] = [-1, -1]
    let kind = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
      throw ProgramFailure(.wrongInput, OpenFiles.words)
    }
    (near, far) = (pair[0], pair[1])
  }

  /// Copies until the other end has closed its side and everything is written. The end of standard
  /// input closes only this side.
  ///
  /// - Returns: What could not be read or written.
  func copy() async -> ProgramFailure? {
    OwnThread.start { self.copyInput() }
    let failure = await withCheckedContinuation {
      (continuation: CheckedContinuation<ProgramFailure?, Never>) in
      let isStarted = OwnThread.start { continuation.resume(returning: self.copyOutput()) }
      if !isStarted {
        continuation.resume(returning: ProgramFailure(.wrongInput, "no thread can be started"))
      }
    }
    shutdown(near, CInt(SHUT_RDWR))
    return failure ?? inputFailure.with { $0 }
  }

  private func copyInput() {
    var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
    while true {
      let count = Self.read(STDIN_FILENO, &piece)
      guard count > 0 else {
        if count < 0 {
          let words = "cannot read standard input: \(String(cString: strerror(errno)))"
          inputFailure.with { $0 = ProgramFailure(.wrongInput, words) }
        }
        shutdown(near, CInt(SHUT_WR))
        return
      }
      var rest = piece[..<count]
      while !rest.isEmpty {
        let sent = rest.withUnsafeBytes { send(near, $0.baseAddress, $0.count, 0) }
        if sent < 0, errno == EINTR { continue }
        guard sent > 0 else { return }  // the other end is gone
        rest = rest.dropFirst(sent)
      }
    }
  }

  private func copyOutput() -> ProgramFailure? {
    var piece = [UInt8](repeating: 0, count: Self.pieceBytes)
    while true {
      let count = Self.read(near, &piece)
      guard count > 0 else { return nil }
      do throws(OutputFailure) {
        try OutputDescriptor.standardOutput.write(Array(piece[..<count]))
      } catch {
        return ProgramFailure(error)
      }
    }
  }

  /// Waits even where another program has made the descriptor non-blocking.
  private static func read(_ descriptor: CInt, _ piece: inout [UInt8]) -> Int {
    while true {
      let count = Glibc.read(descriptor, &piece, piece.count)
      guard count < 0 else { return count }
      switch errno {
      case EINTR: continue
      case EAGAIN:
        var wanted = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&wanted, 1, -1)
      default: return count
      }
    }
  }
}

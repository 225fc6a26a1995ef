internal import AsyncHTTPClient
public import ClusterAPI
public import ClusterModel
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Why a call failed.
public enum ClientFailure: Error, Equatable, Sendable {
  /// Nobody answered: refused, reset, timed out, no such socket. The text is a short reason without
  /// the endpoint, such as "connection refused".
  case unreachable(String)
  /// The server refused, in its own words.
  case problem(Problem)
  /// The answer is not that of a program of the cluster; the text says what is wrong.
  case malformed(String)
  /// A change was sent and its answer was lost, so this program does not know whether the change
  /// was made. The text is the reason, as in `unreachable`.
  case outcomeUnknown(String)
}

extension ClientFailure: PlainError {
  /// The reason in words for a person; safe on a terminal.
  public var description: String {
    switch self {
    case .unreachable(let reason): PlainText.cleaned(reason)
    case .problem(let problem): PlainText.cleaned("\(problem.title): \(problem.detail)")
    case .malformed(let reason): PlainText.cleaned(reason)
    case .outcomeUnknown(let reason):
      PlainText.cleaned("it is not known whether the change was made: \(reason)")
    }
  }
}

extension ClientFailure {
  /// The limits of the call, for messages about what exceeded them.
  struct Limits {
    var connectMilliseconds: Int64
    var answerMilliseconds: Int64
    var silenceMilliseconds: Int64?
  }

  /// Finds words for whatever AsyncHTTPClient and SwiftNIO throw.
  init(_ error: any Error, limits: Limits) {
    switch error {
    case let failure as ClientFailure: self = failure
    case let error as HTTPClientError: self.init(error, limits: limits)
    case let error as NIOConnectionError: self.init(error, limits: limits)
    case let error as IOError: self = .unreachable(Self.reason(ofErrno: error.errnoCode))
    case ChannelError.connectTimeout:
      self = .unreachable("no connection within \(seconds(limits.connectMilliseconds))")
    case is ChannelError: self = .unreachable("the connection was closed")
    case HTTPParserError.invalidEOFState, HTTPParserError.closedConnection:
      self = .unreachable("the connection was closed")  // in the middle of an answer
    case is HTTPParserError: self = .malformed("the answer is not HTTP")
    case let error as NIOTooManyBytesError:
      let most = error.maxBytes.map { "\($0)" } ?? "the allowed number of"
      self = .malformed("the answer is longer than \(most) bytes")
    case is SocketTooFast: self = .malformed(EventStream.excess)
    case is CancellationError: self = .unreachable("cancelled")
    case is NIOSSLExtraError:
      self = .unreachable("its certificate is for another name or address")
    case let error as NIOSSLError: self = .unreachable(Self.reason(ofTLS: error))
    default: self = .unreachable("the connection failed: \(error.plainWords)")
    }
  }

  /// Whether the request may have arrived and may be carried out, although no answer came. False
  /// only for errors that are known to happen before a connection is established.
  static func mayHaveArrived(_ error: any Error) -> Bool {
    switch error {
    case let error as HTTPClientError:
      [.remoteConnectionClosed, .deadlineExceeded, .readTimeout, .writeTimeout, .cancelled]
        .contains(error)
    case is NIOConnectionError, ChannelError.connectTimeout, is NIOSSLExtraError: false
    case let error as NIOSSLError: String(describing: error) == "uncleanShutdown"
    case let error as IOError: [ECONNRESET, EPIPE, ETIMEDOUT].contains(error.errnoCode)
    case is ClientFailure: false
    default: true
    }
  }

  private init(_ error: HTTPClientError, limits: Limits) {
    switch error {
    case .connectTimeout:
      self = .unreachable("no connection within \(seconds(limits.connectMilliseconds))")
    case .deadlineExceeded, .getConnectionFromPoolTimeout:
      self = .unreachable("no answer within \(seconds(limits.answerMilliseconds))")
    case .readTimeout:
      let limit = limits.silenceMilliseconds ?? limits.answerMilliseconds
      self = .unreachable("silent for \(seconds(limit))")
    case .remoteConnectionClosed: self = .unreachable("the connection was closed")
    case .cancelled: self = .unreachable("cancelled")
    case .alreadyShutdown: self = .unreachable("the client is shut down")
    default: self = .unreachable(error.shortDescription)
    }
  }

  /// A host with several numbers is tried on each; the first refusal is reported.
  private init(_ error: NIOConnectionError, limits: Limits) {
    if let first = error.connectionErrors.first {
      self.init(first.error, limits: limits)
    } else {
      self = .unreachable("the name \(error.host) is not known")
    }
  }

  /// Words for BoringSSL's most frequent errors, which say what to do.
  private static func reason(ofTLS error: NIOSSLError) -> String {
    let text = String(describing: error)
    let known = [
      (
        "CERTIFICATE_VERIFY_FAILED",
        "its certificate is not trusted; --ca-file names who signed it"
      ),
      ("WRONG_VERSION_NUMBER", "it does not speak TLS"),
      ("uncleanShutdown", "the connection was closed"),
    ]
    if let found = known.first(where: { text.contains($0.0) }) { return found.1 }
    // BoringSSL names its reasons in capitals: NO_SHARED_CIPHER.
    let reason = text.matches(of: /[A-Z][A-Z0-9]+(_[A-Z0-9]+)+/).last.map {
      ": " + $0.output.0.lowercased().replacing("_", with: " ")
    }
    return "TLS failed\(reason ?? "")"
  }

  private static func reason(ofErrno code: CInt) -> String {
    switch code {
    case ECONNREFUSED: "connection refused"
    case ENOENT: "no such socket"
    case EACCES, EPERM: "no permission for the socket"
    case ECONNRESET, EPIPE: "the connection was reset"
    case ETIMEDOUT: "the connection timed out"
    case EHOSTUNREACH, ENETUNREACH: "no route to the host"
    default: String(cString: strerror(code))
    }
  }
}

/// A limit in words: `2 s`, `0.25 s`.
func seconds(_ milliseconds: Int64) -> String {
  milliseconds % 1_000 == 0 ? "\(milliseconds / 1_000) s" : "\(Double(milliseconds) / 1_000) s"
}

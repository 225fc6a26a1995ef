internal import ArgumentParser
internal import ClusterClient
internal import ClusterModel

/// `HOST:PORT` where a daemon listens; port 0 stands for any free one.
struct ListenArgument: Equatable {
  let host: String
  let port: Int

  init(host: String, port: Int) {
    (self.host, self.port) = (host, port)
  }

  /// - Throws: `ValidationError`, whose text follows the option's name.
  init(_ text: String) throws {
    let isAny = text.utf8.suffix(2).elementsEqual(":0".utf8)
    let address = try argument { () throws(InvalidValue) in
      try Address(isAny ? String(text.dropLast()) + "1" : text, field: "it")
    }
    (host, port) = (address.host, isAny ? 0 : address.port)
  }

  /// Whether it listens on every address of the machine, so that there is none to tell others.
  var isWildcard: Bool { ["0.0.0.0", "::", "0", "*"].contains(host) }
}

/// Reads a value of the model from the command line.
///
/// - Throws: `ValidationError` with the model's complaint.
func argument<Value>(_ read: () throws(InvalidValue) -> Value) throws -> Value {
  do { return try read() } catch { throw ValidationError(error.plainWords) }
}

/// Reads `HOST:PORT`.
func addressArgument(_ text: String) throws -> Address {
  try argument { () throws(InvalidValue) in try Address(text, field: "it") }
}

/// Reads the path of a Unix socket.
func socketPathArgument(_ text: String) throws -> String {
  // The other options accept this form, too.
  let scheme = "unix://"
  let text = text.hasPrefix(scheme) ? String(text.dropFirst(scheme.count)) : text
  guard (1...Endpoint.longestSocketPath).contains(text.utf8.count) else {
    throw ValidationError(
      "it has \(text.utf8.count) bytes, and the path of a Unix socket has 1 to "
        + "\(Endpoint.longestSocketPath)")
  }
  return text
}

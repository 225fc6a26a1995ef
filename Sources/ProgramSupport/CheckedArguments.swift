internal import ArgumentParser
internal import ClusterClient
package import ClusterModel

/// `HOST:PORT` where a program listens; port 0 stands for any free one.
package struct ListenArgument: Equatable {
  package let host: String
  package let port: Int

  package init(host: String, port: Int) {
    (self.host, self.port) = (host, port)
  }

  /// - Throws: `ValidationError`, whose text follows the option's name.
  package init(_ text: String) throws {
    let isAny = text.utf8.suffix(2).elementsEqual(":0".utf8)
    let address = try checkedArgument { () throws(InvalidValue) in
      try Address(isAny ? String(text.dropLast()) + "1" : text, field: "it")
    }
    (host, port) = (address.host, isAny ? 0 : address.port)
  }

  /// Refuses "every address of the machine" unless there is an address to tell others.
  ///
  /// - Parameter advertise: The address of `--advertise`.
  package func check(advertise: Address?) throws {
    guard !Address.isWildcard(host) || advertise != nil else {
      throw ValidationError(
        "--listen \(host) is every address of this machine; "
          + "name the address that others use with --advertise HOST:PORT.")
    }
  }
}

/// Reads `HOST:PORT`.
package func addressArgument(_ text: String) throws -> Address {
  try checkedArgument { () throws(InvalidValue) in try Address(text, field: "it") }
}

/// Reads the path of a Unix socket.
package func socketPathArgument(_ text: String) throws -> String {
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

/// Reads a value of the model from the command line.
///
/// - Throws: `ValidationError` with the model's complaint.
package func checkedArgument<Value>(_ read: () throws(InvalidValue) -> Value) throws -> Value {
  do { return try read() } catch { throw ValidationError(error.plainWords) }
}

/// Refuses a name that is not allowed.
///
/// - Parameter name: Nil: none was given.
/// - Throws: `ValidationError` naming the option.
package func checkName(
  _ name: String?, option: String, limit: Int = PlainText.longestName
) throws {
  guard let name else { return }
  _ = try checkedArgument { () throws(InvalidValue) in
    try PlainText.checked(name, field: option, limit: limit)
  }
}

/// Reads a whole number in a range.
package func numberArgument(in range: ClosedRange<Int>) -> @Sendable (String) throws -> Int {
  { text in
    guard let number = Int(text), range.contains(number) else {
      throw ValidationError("it must be \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }
}

internal import CPostgres
internal import ClusterModel

/// Values for the server. They are sent beside the statement, never in it.
struct PostgresParameters {
  /// All values, each followed by a zero byte.
  private var bytes: [UInt8] = []
  /// Where each begins; nil for NULL.
  private var places: [Int?] = []
  private var lengths: [Int32] = []
  /// 1: binary, so that no byte ends the value early; 0: as text.
  private var formats: [Int32] = []

  init(_ values: [SQLValue]) {
    for value in values {
      switch value {
      case .null:
        places.append(nil)
        lengths.append(0)
        formats.append(0)
      case .integer(let number): append("\(number)".utf8, format: 0)
      case .truth(let truth): append((truth ? "t" : "f").utf8, format: 0)
      case .text(let text): append(text.utf8, format: 1)
      case .bytes(let bytes): append(bytes, format: 1)
      }
    }
  }

  private mutating func append(_ value: some Collection<UInt8>, format: Int32) {
    places.append(bytes.count)
    lengths.append(Int32(clamping: value.count))
    formats.append(format)
    bytes.append(contentsOf: value)
    bytes.append(0)
  }

  /// Starts a statement; returns 0 where that failed.
  func send(_ sql: String, on connection: OpaquePointer) -> Int32 {
    bytes.withUnsafeBytes { buffer in
      let values = places.map { place in
        place.flatMap { buffer.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self) }
      }
      return PQsendQueryParams(
        connection, sql, Int32(clamping: values.count), nil, values, lengths, formats, 0)
    }
  }
}

/// The result of one statement.
struct PostgresResult {
  let rows: [SQLRow]
  /// The server's name of what was done: `COMMIT`, `INSERT 0 1`.
  let command: String
  let fault: DatabaseFault?

  /// Reads a result and frees it.
  init(_ result: OpaquePointer) {
    defer { PQclear(result) }
    command = PQcmdStatus(result).map { String(cString: $0) } ?? ""
    fault = Self.fault(result)
    rows = (0..<PQntuples(result)).map { row in
      SQLRow((0..<PQnfields(result)).map { Self.value(result, row: row, column: $0) })
    }
  }

  private static func fault(_ result: OpaquePointer) -> DatabaseFault? {
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK: return nil
    default: break
    }
    func field(_ code: Int32) -> String? {
      PQresultErrorField(result, code).map { PlainText.cleaned(String(cString: $0)) }
    }
    guard let state = field(cpostgres_sqlstate()) else {
      let message = PQresultErrorMessage(result).map { String(cString: $0) } ?? ""
      let line = message.split(separator: "\n").first ?? "the connection broke"
      return .lost(PlainText.cleaned(String(line)))
    }
    return DatabaseFault(
      state: state, message: field(cpostgres_message()) ?? "error \(state)",
      endsSession: field(cpostgres_severity()) != "ERROR")
  }

  /// The types that the tables use; everything else is text.
  private enum Kind {
    static let truth: Oid = 16
    static let bytes: Oid = 17
    static let integers: Set<Oid> = [20, 21, 23]
  }

  private static func value(_ result: OpaquePointer, row: Int32, column: Int32) -> SQLValue {
    guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else {
      return .null
    }
    let length = Int(PQgetlength(result, row, column))
    let text = String(
      decoding: UnsafeRawBufferPointer(start: start, count: length), as: UTF8.self)
    switch PQftype(result, column) {
    case Kind.truth: return .truth(text == "t")
    case Kind.bytes: return bytes(hexadecimal: text).map(SQLValue.bytes) ?? .text(text)
    case let kind where Kind.integers.contains(kind):
      return Int64(text).map(SQLValue.integer) ?? .text(text)
    default: return .text(text)
    }
  }

  /// Reads `\x00ff` as two bytes.
  private static func bytes(hexadecimal text: String) -> [UInt8]? {
    let digits = Array(text.utf8.dropFirst(2))
    guard text.hasPrefix("\\x"), digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      let pair = String(decoding: digits[place..<place + 2], as: UTF8.self)
      guard let byte = UInt8(pair, radix: 16) else { return nil }
      bytes.append(byte)
    }
    return bytes
  }
}

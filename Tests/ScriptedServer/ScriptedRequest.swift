/// A request as it arrived.
package struct ScriptedRequest: Equatable, Sendable {
  /// Counted from 1 over the whole server, in the order of arrival.
  package var number = 0
  package var method: String
  /// With its query, as it was sent.
  package var path: String
  /// Names in lower case.
  package var headers: [String: String]
  package var body: [UInt8]

  package var text: String { String(decoding: body, as: UTF8.self) }
}

/// Cuts bytes into requests with a `Content-Length` or no body, which is all that is sent here.
struct ScriptedRequestParser {
  private var bytes: [UInt8] = []

  mutating func consume(_ more: some Sequence<UInt8>) -> [ScriptedRequest] {
    bytes += more
    var requests: [ScriptedRequest] = []
    while let request = next() { requests.append(request) }
    return requests
  }

  private mutating func next() -> ScriptedRequest? {
    let mark = Array("\r\n\r\n".utf8)
    guard bytes.count >= mark.count,
      let end = (0...(bytes.count - mark.count)).first(where: {
        bytes[$0..<$0 + mark.count].elementsEqual(mark)
      })
    else { return nil }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    let first = lines.first?.split(separator: " ").map(String.init) ?? []
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      headers[parts[0].lowercased()] = String(parts[1].drop { $0 == " " })
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    let start = end + mark.count
    guard first.count >= 2, bytes.count >= start + length else { return nil }
    let body = Array(bytes[start..<start + length])
    bytes.removeFirst(start + length)
    return ScriptedRequest(method: first[0], path: first[1], headers: headers, body: body)
  }
}

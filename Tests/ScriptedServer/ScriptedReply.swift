package import ClusterAPI
internal import NIOCore

/// What a script answers with.
package struct ScriptedReply: Sendable {
  let channel: any Channel

  /// A whole answer that keeps the connection.
  package func answer(
    _ body: some Sequence<UInt8>, status: Int = 200, type: String = "application/json"
  ) async throws {
    let bytes = Array(body)
    try await raw(
      "HTTP/1.1 \(status) Scripted\r\nContent-Type: \(type)\r\n"
        + "Content-Length: \(bytes.count)\r\n\r\n")
    if !bytes.isEmpty { try await channel.writeAndFlush(ByteBuffer(bytes: bytes)) }
  }

  package func json(_ value: some Encodable) async throws {
    try await answer(WireJSON.encode(value))
  }

  package func problem(_ problem: Problem) async throws {
    try await answer(
      WireJSON.encode(problem), status: problem.name.status, type: Problem.contentType)
  }

  /// The head of an event stream; `chunk` and `event` follow, and `endStream`.
  package func beginStream() async throws {
    try await raw(
      "HTTP/1.1 200 Scripted\r\nContent-Type: text/event-stream\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n")
  }

  package func event(_ name: String, id: String? = nil, _ value: some Encodable) async throws {
    let data = String(decoding: try WireJSON.encode(value), as: UTF8.self)
    try await chunk(ServerSentEvent(id: id, name: name, data: data).bytes)
  }

  package func heartbeat() async throws { try await chunk(ServerSentEvent.heartbeat) }

  /// Bytes of a stream, however they are cut.
  package func chunk(_ bytes: some Sequence<UInt8>) async throws {
    let bytes = Array(bytes)
    try await raw(String(bytes.count, radix: 16) + "\r\n")
    try await channel.writeAndFlush(ByteBuffer(bytes: bytes))
    try await raw("\r\n")
  }

  package func endStream() async throws { try await raw("0\r\n\r\n") }

  /// Bytes as they are, HTTP or not.
  package func raw(_ text: String) async throws {
    try await channel.writeAndFlush(ByteBuffer(string: text))
  }

  /// Says nothing more until the client is gone.
  package func hang() async throws {
    try await channel.closeFuture.get()
  }

  /// Says nothing more than a heartbeat every half second, until the client is gone. This is the
  /// pace of the scripted server; no test waits for it.
  package func beat() async throws {
    while channel.isActive {
      try await heartbeat()
      try await Task.sleep(for: .milliseconds(500))
    }
  }

  /// Closes the connection in the middle of whatever was said.
  package func cut() async throws { try await channel.close() }
}

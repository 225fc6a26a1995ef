internal import AsyncHTTPClient
internal import ClusterAPI
internal import NIOCore
internal import NIOHTTP1

extension ClusterConnection {
  /// After this many milliseconds without a byte the download has failed.
  private static let downloadSilence: Int64 = 30_000
  /// How many milliseconds a balancer may take to copy its registry.
  private static let copying: Int64 = 300_000

  /// Copies the running registry, as a SQLite file. Works only through the Unix socket.
  ///
  /// - Parameter take: Called with each part, in order. An error that it throws ends the copy.
  /// - Returns: The number of bytes.
  /// - Throws: `ClientFailure`, including where the copy ends early; or what `take` throws.
  @discardableResult
  public func backUp(_ take: ([UInt8]) throws -> Void) async throws -> Int {
    var request = HTTPClientRequest(url: endpoint.urlPrefix + "/v1/backup")
    request.headers.add(name: "Connection", value: "close")
    if let token { request.headers.add(name: "Authorization", value: "Bearer \(token)") }
    let limits = ClientFailure.Limits(
      connectMilliseconds: transport.connectMilliseconds, answerMilliseconds: Self.copying,
      silenceMilliseconds: Self.downloadSilence)
    let response: HTTPClientResponse
    let client: OwnedClient
    do {
      (response, client) = try await execute(
        request, for: .streams(silenceMilliseconds: Self.downloadSilence, rate: nil),
        deadline: .now() + .milliseconds(Self.copying))
    } catch {
      throw ClientFailure(error, limits: limits)
    }
    defer { withExtendedLifetime(client) {} }
    guard response.status == .ok else { throw await refusal(of: response, limits: limits) }
    var count = 0
    var parts = response.body.makeAsyncIterator()
    while true {
      let part: ByteBuffer?
      do { part = try await parts.next() } catch { throw ClientFailure(error, limits: limits) }
      guard let part else { break }
      try take(Array(part.readableBytesView))
      count += part.readableBytes
    }
    let length = response.headers.first(name: "Content-Length").flatMap { Int($0) }
    guard let length, length == count else {
      throw ClientFailure.unreachable("the copy ended early")
    }
    return count
  }
}

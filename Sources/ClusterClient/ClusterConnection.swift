internal import AsyncHTTPClient
internal import ClusterAPI
internal import ClusterModel
internal import NIOCore
internal import NIOHTTP1

/// A connection to one balancer or instance: a cheap value over a shared transport.
public struct ClusterConnection: Sendable {
  /// A method of HTTP that the cluster uses.
  public enum Method: String, Hashable, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
  }

  /// An HTTP answer as it was received, whatever its status.
  public struct RawAnswer: Equatable, Sendable {
    /// The HTTP status, such as 200.
    public var status: Int
    /// The whole body.
    public var bytes: [UInt8]
  }

  /// The balancer or instance at the other end.
  public let endpoint: Endpoint
  /// The token, which is sent as `Authorization: Bearer`.
  public let token: String?
  /// The transport that owns the sockets.
  public let transport: HTTPTransport
  /// Who pays for the lookup of the host's name: see `LookupQueue`.
  let payer: String
  /// Whether its requests leave some of the transport's budget to others.
  let givesWay: Bool

  public init(
    _ endpoint: Endpoint, token: String? = nil, transport: HTTPTransport, payer: String = "",
    givesWay: Bool = false
  ) {
    self.endpoint = endpoint
    self.token = token
    self.transport = transport
    self.payer = payer
    self.givesWay = givesWay
  }

  /// Reads a resource.
  public func get<Answer: Decodable & Sendable>(
    _ path: String, as type: Answer.Type = Answer.self,
    timeoutMilliseconds: Int64? = nil, longestAnswer: Int? = nil
  ) async throws(ClientFailure) -> Answer {
    let answer = try await raw(
      .get, path, timeoutMilliseconds: timeoutMilliseconds, longestAnswer: longestAnswer)
    return try answer.decoded()
  }

  /// Sends a value as JSON and reads the answer.
  public func send<Answer: Decodable & Sendable>(
    _ method: Method, _ path: String, body: some Encodable, headers: [String: String] = [:],
    as type: Answer.Type = Answer.self, timeoutMilliseconds: Int64? = nil
  ) async throws(ClientFailure) -> Answer {
    let answer = try await raw(
      method, path, body: try RequestBody.json(body), headers: headers,
      timeoutMilliseconds: timeoutMilliseconds)
    return try answer.decoded()
  }

  /// Sends one request and returns its whole answer. An error status is an answer, not a failure.
  ///
  /// - Parameters:
  ///   - method: The HTTP method.
  ///   - path: The path with its query; segments and values are percent-encoded already.
  ///   - headers: Headers besides those of every request.
  ///   - body: The body; nil: none.
  ///   - timeoutMilliseconds: For everything together, including the connection; nil: the
  ///     transport's limit.
  ///   - longestAnswer: In bytes; a longer answer is a failure. Nil: the transport's limit.
  public func raw(
    _ method: Method, _ path: String, body: RequestBody? = nil, headers: [String: String] = [:],
    timeoutMilliseconds: Int64? = nil, longestAnswer: Int? = nil
  ) async throws(ClientFailure) -> RawAnswer {
    do throws(LostAnswer) {
      return try await exchange(
        method, path, body: body, headers: headers, timeoutMilliseconds: timeoutMilliseconds,
        longestAnswer: longestAnswer)
    } catch {
      throw error.failure
    }
  }

  /// Why there is no answer.
  struct LostAnswer: Error {
    var failure: ClientFailure
    /// Whether the request may have arrived all the same.
    var mayHaveArrived = false
  }

  func exchange(
    _ method: Method, _ path: String, body: RequestBody?, headers: [String: String],
    timeoutMilliseconds: Int64?, longestAnswer: Int? = nil
  ) async throws(LostAnswer) -> RawAnswer {
    let permit: ConnectionPermit
    do throws(ClientFailure) {
      permit = try transport.budget.permit(givesWay: givesWay)
    } catch {
      throw LostAnswer(failure: error)
    }
    defer { withExtendedLifetime(permit) {} }
    let request = request(method, path, body: body, headers: headers)
    let limit = timeoutMilliseconds ?? transport.answerMilliseconds
    let deadline = NIODeadline.now() + .milliseconds(limit)
    do {
      // The deadline of `execute` ends at the head of the answer; a body could arrive slowly
      // forever.
      return try await within(milliseconds: limit) {
        let (response, client) = try await execute(request, for: .requests, deadline: deadline)
        defer { withExtendedLifetime(client) {} }
        return try await RawAnswer(response, upTo: longestAnswer ?? transport.longestAnswer)
      }
    } catch {
      throw LostAnswer(
        failure: ClientFailure(error, limits: limits(answer: limit)),
        mayHaveArrived: ClientFailure.mayHaveArrived(error))
    }
  }

  /// Opens an event stream.
  ///
  /// Only the stream uses the connection. It is closed at once when the reading task is cancelled,
  /// or when the stream and its iterator are released.
  ///
  /// - Parameters:
  ///   - method: The HTTP method.
  ///   - path: The path with its query; segments and values are percent-encoded.
  ///   - body: The body; nil: none.
  ///   - lastEventID: Asks to resume after this event.
  ///   - silenceMilliseconds: A stream without a byte for longer has failed. A stream that is not
  ///     read for that long ends, too.
  ///   - timeoutMilliseconds: For the head of the answer.
  ///   - longestEvent: In bytes; a stream with a longer event has failed. Nil: 64 MiB.
  ///   - rate: A stream that arrives faster has failed. Nil: as fast as it can be read.
  ///   - mayTake: Called with the number of bytes of each piece that arrives. If it returns false,
  ///     the stream has failed.
  ///   - onHeartbeat: Called on an event loop for each heartbeat that the stream leaves out; the
  ///     stream then returns only an occasional heartbeat while nothing else arrives. It must not
  ///     wait. Nil: the stream returns all heartbeats.
  public func events(
    _ path: String, method: Method = .get, body: RequestBody? = nil, lastEventID: String? = nil,
    silenceMilliseconds: Int64, timeoutMilliseconds: Int64? = nil,
    longestEvent: Int? = nil, rate: StreamRate? = nil, mayTake: (@Sendable (Int) -> Bool)? = nil,
    onHeartbeat: (@Sendable () -> Void)? = nil
  ) async throws(ClientFailure) -> EventStream {
    let permit = try transport.budget.permit(givesWay: givesWay)
    var request = request(method, path, body: body, headers: [:])
    request.headers.add(name: "Accept", value: ServerSentEvent.contentType)
    request.headers.add(name: "Connection", value: "close")
    if let lastEventID { request.headers.add(name: "Last-Event-ID", value: lastEventID) }
    let watch = onHeartbeat.map(transport.watches.add)
    defer { if let watch { transport.watches.remove(watch) } }
    if let watch { request.headers.add(name: StreamWatches.header, value: watch) }
    let limit = timeoutMilliseconds ?? transport.answerMilliseconds
    var limits = limits(answer: limit)
    limits.silenceMilliseconds = silenceMilliseconds
    let response: HTTPClientResponse
    let client: OwnedClient
    do {
      (response, client) = try await execute(
        request,
        for: .streams(
          silenceMilliseconds: silenceMilliseconds, rate: rate, isSieved: watch != nil),
        deadline: .now() + .milliseconds(limit))
    } catch {
      throw ClientFailure(error, limits: limits)
    }
    guard response.status == .ok else {
      throw await refusal(of: response, limits: limits)
    }
    let type = response.headers.first(name: "Content-Type") ?? ""
    guard type.lowercased().hasPrefix(ServerSentEvent.contentType) else {
      throw .malformed("the answer is not an event stream")
    }
    return EventStream(
      body: response.body, limits: limits,
      longestEvent: longestEvent ?? ServerSentEventParser.longestEvent, mayTake: mayTake,
      transport: transport, client: client, permit: permit)
  }

  /// Why a stream was not opened.
  func refusal(
    of response: HTTPClientResponse, limits: ClientFailure.Limits
  ) async -> ClientFailure {
    do {
      return try await within(milliseconds: limits.answerMilliseconds) {
        try await RawAnswer(response, upTo: Limits.shortAnswerBytes).failure
      }
    } catch {
      return ClientFailure(error, limits: limits)
    }
  }

  private func limits(answer: Int64) -> ClientFailure.Limits {
    ClientFailure.Limits(
      connectMilliseconds: transport.connectMilliseconds, answerMilliseconds: answer)
  }

  private func request(
    _ method: Method, _ path: String, body: RequestBody?, headers: [String: String]
  ) -> HTTPClientRequest {
    var request = HTTPClientRequest(url: endpoint.urlPrefix + path)
    request.method = HTTPMethod(rawValue: method.rawValue)
    // HTTP/1.1 requires a Host; the library sends none over a Unix socket.
    if case .unix = endpoint { request.headers.add(name: "Host", value: "localhost") }
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let token, headers["Authorization"] == nil {
      request.headers.add(name: "Authorization", value: "Bearer \(token)")
    }
    if let body {
      request.headers.add(name: "Content-Type", value: body.contentType)
      request.body = .bytes(ByteBuffer(bytes: body.bytes))
    } else if method != .get {
      // A change is declared as JSON even without a body.
      request.headers.add(name: "Content-Type", value: RequestBody.jsonType)
    }
    return request
  }
}

/// The body of a request.
public struct RequestBody: Equatable, Sendable {
  /// The media type, such as `application/json`.
  public var contentType: String
  /// The contents.
  public var bytes: [UInt8]

  static let jsonType = "application/json"

  public init(contentType: String, bytes: [UInt8]) {
    self.contentType = contentType
    self.bytes = bytes
  }

  /// - Throws: `malformed` for a value that JSON cannot represent.
  public static func json(_ value: some Encodable) throws(ClientFailure) -> RequestBody {
    do { return RequestBody(contentType: jsonType, bytes: try WireJSON.encode(value)) } catch {
      throw .malformed("the request cannot be written as JSON")
    }
  }
}

/// Runs an operation and cancels it when the time is over.
private func within<Value: Sendable>(
  milliseconds: Int64, _ operation: @escaping @Sendable () async throws -> Value
) async throws -> Value {
  try await withThrowingTaskGroup(of: Value?.self) { group in
    group.addTask { try await operation() }
    group.addTask {
      try await Task.sleep(for: .milliseconds(milliseconds))
      return nil
    }
    defer { group.cancelAll() }
    guard let first = try await group.next(), let value = first else {
      throw HTTPClientError.deadlineExceeded
    }
    return value
  }
}

extension ClusterConnection.RawAnswer {
  fileprivate init(_ response: HTTPClientResponse, upTo limit: Int) async throws {
    status = Int(response.status.code)
    bytes = Array(try await response.body.collect(upTo: limit).readableBytesView)
  }

  /// Whether the status is 200 to 299.
  public var isSuccess: Bool { (200..<300).contains(status) }

  /// Reads the value of a successful answer.
  ///
  /// - Throws: `problem` or `malformed`.
  public func decoded<Answer: Decodable>(
    _ type: Answer.Type = Answer.self
  ) throws(ClientFailure) -> Answer {
    guard isSuccess else { throw failure }
    do { return try WireJSON.decode(type, from: bytes) } catch {
      throw .malformed("the answer is not understood: \(error.plainWords)")
    }
  }

  /// The failure for an answer without success.
  public var failure: ClientFailure {
    guard let problem = try? WireJSON.decode(Problem.self, from: bytes) else {
      return .malformed("answered with status \(status) and no reason")
    }
    return .problem(problem)
  }
}

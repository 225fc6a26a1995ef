internal import AsyncHTTPClient
internal import ClusterAPI
internal import ClusterModel
internal import NIOCore
internal import NIOHTTP1

/// A way to talk to one balancer or instance: a cheap value over a shared transport.
public struct ClusterConnection: Sendable {
  /// A method of HTTP that the cluster uses.
  public enum Method: String, Hashable, Sendable {
    case get = "GET"
    case post = "POST"
    case put = "PUT"
    case delete = "DELETE"
  }

  /// An HTTP answer as it came, whatever its status.
  public struct RawAnswer: Equatable, Sendable {
    /// The status of HTTP, such as 200.
    public var status: Int
    /// The whole body.
    public var bytes: [UInt8]
  }

  /// The balancer or instance that it talks to.
  public let endpoint: Endpoint
  /// Goes along as `Authorization: Bearer`.
  public let token: String?
  /// Owns its sockets.
  public let transport: HTTPTransport
  /// Who is charged with the lookup of its host's name: see `LookupQueue`.
  let payer: String
  /// Its requests leave some room to the others of the transport's budget.
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

  /// One request and its whole answer, as it is. An error status is an answer, not a failure.
  ///
  /// - Parameters:
  ///   - path: With its query; segments and values already percent-encoded.
  ///   - timeoutMilliseconds: For everything together, the connection included; nil: the
  ///     transport's limit.
  ///   - longestAnswer: In bytes; a longer one is a failure. Nil: the transport's limit.
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
    /// The request may have come to somebody all the same.
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
      // The deadline of `execute` ends at the answer's head; a body may dribble forever.
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
  /// The connection belongs to the stream alone. It is closed at once when the task that reads it
  /// is cancelled, or when the stream and its iterator are let go.
  ///
  /// - Parameters:
  ///   - lastEventID: Asks to resume after this event.
  ///   - silenceMilliseconds: A stream without a byte for longer has failed. Also ends a stream
  ///     that is not read for that long.
  ///   - timeoutMilliseconds: For the head of the answer.
  ///   - longestEvent: In bytes; a stream with a longer one has failed. Nil: 64 MiB.
  ///   - rate: A stream that arrives faster has failed. Nil: as fast as it can be read.
  ///   - mayTake: Asked with the number of bytes of each piece that arrives; where it says no, the
  ///     stream has failed.
  ///   - onHeartbeat: Called on an event loop for each heartbeat that the stream leaves out: then
  ///     it gives only one now and then, while nothing else comes. It must not wait. Nil: the
  ///     stream gives all.
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
    // HTTP/1.1 wants one; the library sends none over a Unix socket.
    if case .unix = endpoint { request.headers.add(name: "Host", value: "localhost") }
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let token, headers["Authorization"] == nil {
      request.headers.add(name: "Authorization", value: "Bearer \(token)")
    }
    if let body {
      request.headers.add(name: "Content-Type", value: body.contentType)
      request.body = .bytes(ByteBuffer(bytes: body.bytes))
    } else if method != .get {
      // A mutation says that it is JSON even where there is nothing to say.
      request.headers.add(name: "Content-Type", value: RequestBody.jsonType)
    }
    return request
  }
}

/// What a request carries.
public struct RequestBody: Equatable, Sendable {
  /// The media type, such as `application/json`.
  public var contentType: String
  /// What is sent.
  public var bytes: [UInt8]

  static let jsonType = "application/json"

  public init(contentType: String, bytes: [UInt8]) {
    self.contentType = contentType
    self.bytes = bytes
  }

  /// - Throws: `malformed` for a value that JSON cannot hold.
  public static func json(_ value: some Encodable) throws(ClientFailure) -> RequestBody {
    do { return RequestBody(contentType: jsonType, bytes: try WireJSON.encode(value)) } catch {
      throw .malformed("the request cannot be written as JSON")
    }
  }
}

/// Runs an operation, and cancels it when the time is over.
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

  /// The status is 200 to 299.
  public var isSuccess: Bool { (200..<300).contains(status) }

  /// The value that a successful answer carries.
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

  /// The failure that an answer without success stands for.
  public var failure: ClientFailure {
    guard let problem = try? WireJSON.decode(Problem.self, from: bytes) else {
      return .malformed("answered with status \(status) and no reason")
    }
    return .problem(problem)
  }
}

public import ClusterAPI
public import ClusterModel

/// Options that every change has.
public struct MutationOptions: Equatable, Sendable {
  /// Whether only to ask for the effect and to change nothing.
  public var dryRun: Bool
  /// The warnings that are accepted.
  public var acknowledge: [OpenEnum<ImpactWarning>]
  /// The key of the request: the same change with the same key is carried out once.
  public var idempotencyKey: String

  /// - Parameters:
  ///   - dryRun: Whether only to ask for the effect.
  ///   - acknowledge: The warnings that are accepted.
  ///   - idempotencyKey: If left out, a new random one.
  public init(
    dryRun: Bool = false, acknowledge: [OpenEnum<ImpactWarning>] = [],
    idempotencyKey: String = freshKey()
  ) {
    self.dryRun = dryRun
    self.acknowledge = acknowledge
    self.idempotencyKey = idempotencyKey
  }

  /// 128 random bits in hexadecimal.
  public static func freshKey() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let digits = String(generator.next(), radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  var headers: [String: String] { ["Idempotency-Key": idempotencyKey] }

  /// The query of a change. It contains the warnings where the body has no place for them.
  func query(_ items: [String] = [], withAcknowledgement: Bool = true) -> String {
    var items = items
    if dryRun { items.append("dryRun=true") }
    if withAcknowledgement, !acknowledge.isEmpty {
      items.append("acknowledge=" + acknowledge.map(\.rawValue).joined(separator: ","))
    }
    return items.isEmpty ? "" : "?" + items.joined(separator: "&")
  }
}

/// One change as an HTTP request that was not sent yet.
public struct MutationRequest: Equatable, Sendable {
  /// The method of its route.
  public var method: ClusterConnection.Method
  /// The path with its query.
  public var path: String
  /// The body; nil: none.
  public var body: RequestBody?
  /// The headers besides those of every request.
  public var headers: [String: String]

  /// Whether it only asks for the effect, so that a lost answer leaves nothing unknown.
  var isDryRun: Bool { path.contains("dryRun=true") }
}

extension ClusterConnection {
  /// How long a change may take, in milliseconds: longer than the balancer waits for its registry
  /// and its instances. A longer limit of the transport applies instead.
  public var changeMilliseconds: Int64 { max(TimeLimit.change, transport.answerMilliseconds) }

  /// Sends a change and returns the answer as it is.
  ///
  /// Whether the change was made is unknown in two cases: the answer says `outcome-unknown`,
  /// because the registry or the instance was lost before it answered, or the answer itself is
  /// lost. Then the same request is sent once more with the same key, which settles it. If that
  /// fails, too, the first answer counts: an answer "nothing was changed" to the second request
  /// would be about that request alone.
  ///
  /// - Throws: `outcomeUnknown` where the request was sent and no answer came, not even to the
  ///   second one.
  public func raw(_ mutation: MutationRequest) async throws(ClientFailure) -> RawAnswer {
    let first: RawAnswer
    do throws(LostAnswer) {
      first = try await sendOnce(mutation, changeMilliseconds)
    } catch {
      guard error.mayHaveArrived, !mutation.isDryRun, case .unreachable(let reason) = error.failure
      else { throw error.failure }
      if let second = await settled(mutation, transport.answerMilliseconds) { return second }
      throw .outcomeUnknown(reason)
    }
    guard !first.isSuccess, case .problem(let problem) = first.failure,
      problem.name == .outcomeUnknown
    else { return first }
    return await settled(mutation, changeMilliseconds) ?? first
  }

  /// The answer to the same change, sent once more; nil where that settles nothing.
  private func settled(_ mutation: MutationRequest, _ milliseconds: Int64) async -> RawAnswer? {
    guard let second = try? await sendOnce(mutation, milliseconds), second.status < 500 else {
      return nil
    }
    return second
  }

  /// Sends a change.
  public func change(_ mutation: MutationRequest) async throws(ClientFailure) -> MutationAnswer {
    try await raw(mutation).decoded()
  }

  /// Sends a command and returns the answer as it is.
  public func raw(
    _ command: OperatorCommand, options: MutationOptions = MutationOptions()
  ) async throws(ClientFailure) -> RawAnswer {
    try await raw(MutationRequest(command, options: options))
  }

  /// Sends a command.
  public func change(
    _ command: OperatorCommand, options: MutationOptions = MutationOptions()
  ) async throws(ClientFailure) -> MutationAnswer {
    try await change(MutationRequest(command, options: options))
  }

  private func sendOnce(
    _ mutation: MutationRequest, _ milliseconds: Int64
  ) async throws(LostAnswer) -> RawAnswer {
    try await exchange(
      mutation.method, mutation.path, body: mutation.body, headers: mutation.headers,
      timeoutMilliseconds: milliseconds)
  }
}

internal import Balancing
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

/// Reads one load feed to its end, within the limits on what an instance may send.
///
/// It handles each event before it reads the next one, so nothing piles up in the balancer, however
/// fast the instance writes.
struct LoadFeedReader: Sendable {
  let id: InstanceID
  let proofs: ProofReader
  let hear: @Sendable (LoadFeedEvent) -> Void

  static let silenceMilliseconds: Int64 = 10_000
  static let rate = StreamRate(
    bytesPerSecond: Limits.feedSocketBytesPerSecond, bytesAtOnce: Limits.feedSocketBytesAtOnce)

  /// - Parameter open: Opens the feed. It gets a function that says whether this many more bytes
  ///   are allowed.
  /// - Returns: How it ended.
  func read(
    _ open: (_ mayTake: @escaping @Sendable (Int) -> Bool) async throws -> EventStream
  ) async -> LoadFeedEvent {
    let budget = FeedMeter()
    let stream: EventStream
    do {
      stream = try await open { budget.spend(bytes: $0) }
    } catch ClientFailure.malformed(EventStream.excess) {
      // This applies before the answer as well: endless `100 Continue` is not an answer.
      return .misbehaved(reason: FeedBudget.complaint)
    } catch {
      let isRefusal =
        if case ClientFailure.problem(let problem) = error {
          [.unauthorized, .notJoined].contains(problem.name)
        } else {
          false
        }
      return .refused(reason: words(for: error), isRefusal: isRefusal)
    }
    do {
      for try await item in stream {
        guard budget.spend(item) else { return .misbehaved(reason: FeedBudget.complaint) }
        if let event = try await event(item) { hear(event) }
      }
      return .closed(reason: "its load feed ended")
    } catch let invalid as InvalidValue {
      return .misbehaved(reason: "its load feed holds an invalid event: \(invalid.plainWords)")
    } catch ClientFailure.malformed(let reason) {
      return .misbehaved(
        reason: reason == EventStream.excess
          ? FeedBudget.complaint : words(for: ClientFailure.malformed(reason)))
    } catch {
      return .closed(reason: words(for: error))
    }
  }

  /// Reads an event. A task never gives memory back before its end, and the task of a feed lives
  /// for months, so another task verifies documents.
  private func event(_ item: ServerSentEventParser.Item) async throws -> LoadFeedEvent? {
    guard case .event(let event) = item else { return .heartbeat }
    switch event.name {
    case LoadEventName.hello, LoadEventName.obeys:
      return try await Task { try await proven(event) }.value
    default: return try plain(event)
    }
  }

  private func proven(_ event: ServerSentEvent) async throws -> LoadFeedEvent {
    guard event.name == LoadEventName.hello else {
      let answer = try WireJSON.decode(DesiredAnswer.self, from: event.data.utf8)
      return .obeys(await proofs.claim(of: id, answer))
    }
    let hello = try WireJSON.decode(LoadHello.self, from: event.data.utf8)
    return .hello(
      LoadFeedHello(
        id: hello.id, cluster: hello.cluster, profile: hello.profile,
        startedAt: hello.startedAt, version: hello.version,
        claim: await proofs.claim(of: id, hello.obeyed), endedDrain: hello.endedDrain))
  }

  private func plain(_ event: ServerSentEvent) throws -> LoadFeedEvent? {
    switch event.name {
    case LoadEventName.load:
      let load = try WireJSON.decode(LoadReport.self, from: event.data.utf8)
      return .load(
        connected: load.connected, withoutNotices: load.withoutNotices ?? 0,
        tickets: load.tickets, ends: load.deadlineEnds,
        application: load.application)
    case LoadEventName.goodbye: return .goodbye
    default: return nil  // of a later release
    }
  }

  /// Why a feed was refused or lost. The instance's own words are quoted.
  private func words(for error: any Error) -> String {
    switch error {
    case ClientFailure.problem(let problem):
      "its load feed is refused: \(PlainText.quoted(problem.detail, by: id.text))"
    case ClientFailure.unreachable(let reason):
      PlainText.cut(reason, to: Limits.quotedCharacters)
    case ClientFailure.malformed(let reason):
      PlainText.cut("its load feed cannot be read: \(reason)", to: Limits.quotedCharacters)
    default:
      PlainText.cut(
        "its load feed cannot be read: \(error.plainWords)", to: Limits.quotedCharacters)
    }
  }
}

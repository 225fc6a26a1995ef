internal import ClusterAPI
public import ClusterModel
internal import Synchronization

/// A client's way to its session: it asks the entries of its configuration in order, and tries each
/// server of the list that one of them returns.
///
/// An entry is skipped if it cannot be reached, does not answer in time or answers with an error;
/// `rpc-only` ends the walk. The walk asks for the first servers of a list, and for the rest only
/// if all of those refuse. When no server of a list takes the session, the walk asks the next
/// entry.
public struct ClientWalk: Sendable {
  /// The servers of the configuration, in the order in which they are asked.
  public var entries: [ServerEntry]
  /// What the session is for.
  public var kind: ClientKind
  /// The name of the user, as operators see it.
  public var user: String
  /// The name of the user's machine, as operators see it.
  public var computer: String
  /// How long the walk waits for each answer.
  public var limits: WalkLimits
  /// The transport that owns the connections of the walk.
  public var transport: HTTPTransport
  /// Whether the entries speak TLS. A configuration cannot say so; in a list each server says it
  /// for itself.
  public var entriesUseTLS: Bool
  /// How many servers the walk asks for at first, 1 or more.
  public var firstServers = HandshakeRequest.usualLimit

  public init(
    entries: [ServerEntry], entriesUseTLS: Bool = false, kind: ClientKind = .client, user: String,
    computer: String, limits: WalkLimits = WalkLimits(), transport: HTTPTransport
  ) {
    self.entries = entries
    self.entriesUseTLS = entriesUseTLS
    self.kind = kind
    self.user = user
    self.computer = computer
    self.limits = limits
    self.transport = transport
  }

  /// Walks to a session and holds it until it ends or the task is cancelled.
  ///
  /// - Parameter report: Called with each step.
  public func run(_ report: @escaping @Sendable (WalkStep) async -> Void) async -> WalkEnd {
    var hasAnswer = false
    for (place, entry) in entries.enumerated() {
      if Task.isCancelled { return .closed }
      await report(.asking(entry, number: place + 1, of: entries.count))
      do throws(ClientFailure) {
        let answer = try await shakeHands(with: entry, limit: firstServers)
        hasAnswer = true
        await report(.answered(entry, answer))
        if let end = await tryAll(of: answer, after: 0, report) { return end }
        guard answer.more else { continue }
        var rest = try await shakeHands(with: entry, limit: nil)
        let tried = Set(answer.servers.map(\.id))
        rest.servers.removeAll { tried.contains($0.id) }
        guard !rest.servers.isEmpty else { continue }
        await report(.answered(entry, rest))
        if let end = await tryAll(of: rest, after: tried.count, report) { return end }
      } catch {
        if Task.isCancelled { return .closed }
        if case .problem(let problem) = error {
          hasAnswer = true
          if problem.name == .rpcOnly { return .refused(problem) }
        }
        await report(.passedOver(entry, error))
      }
    }
    return Task.isCancelled ? .closed : .exhausted(answered: hasAnswer)
  }

  private func shakeHands(
    with entry: ServerEntry, limit: Int?
  ) async throws(ClientFailure) -> HandshakeAnswer {
    let connection = ClusterConnection(
      Endpoint(entry.address, tls: entriesUseTLS), transport: transport)
    return try await connection.handshake(
      HandshakeRequest(kind: kind, user: user, computer: computer, limit: limit),
      timeoutMilliseconds: limits.answer)
  }

  /// - Parameter tried: Servers of the entry's list that have refused already.
  /// - Returns: Nil when no server took the session.
  private func tryAll(
    of answer: HandshakeAnswer, after tried: Int,
    _ report: @escaping @Sendable (WalkStep) async -> Void
  ) async -> WalkEnd? {
    for (place, server) in answer.servers.enumerated() {
      if Task.isCancelled { return .closed }
      let count = tried + answer.servers.count
      await report(.trying(server, number: tried + place + 1, of: count))
      switch await hold(server, ticket: answer.ticket, report) {
      case .notOpened(let failure):
        if Task.isCancelled { return .closed }
        await report(.refused(server, failure))
      case .over(let end): return end
      }
    }
    return nil
  }

  private enum Visit: Sendable {
    case notOpened(ClientFailure)
    case over(WalkEnd)
  }

  /// Opens a session and stays in it. If a server accepts the request and does not send `open` in
  /// time, the second task gives it up.
  private func hold(
    _ server: HandshakeServer, ticket: String?,
    _ report: @escaping @Sendable (WalkStep) async -> Void
  ) async -> Visit {
    let gate = OpeningGate()
    return await withTaskGroup(of: Visit?.self) { group in
      group.addTask { await visit(server, ticket: ticket, gate, report) }
      group.addTask {
        do { try await Task.sleep(for: .milliseconds(limits.opening)) } catch { return nil }
        guard gate.giveUp() else { return nil }
        return .notOpened(.unreachable("no session within \(seconds(limits.opening))"))
      }
      defer { group.cancelAll() }
      while let visit = await group.next() {
        if let visit { return visit }
      }
      return .over(.closed)
    }
  }

  private func visit(
    _ server: HandshakeServer, ticket: String?, _ gate: OpeningGate,
    _ report: @Sendable (WalkStep) async -> Void
  ) async -> Visit {
    var isOpen = false
    do throws(ClientFailure) {
      let connection = ClusterConnection(
        Endpoint(server.address, tls: server.tls), transport: transport)
      let session = try await connection.openSession(
        SessionRequest(kind: kind, user: user, computer: computer, ticket: ticket),
        silenceMilliseconds: limits.silence, timeoutMilliseconds: limits.opening)
      for try await event in session {
        switch event {
        case .open(let opened) where !isOpen:
          guard gate.sessionOpened() else { return .notOpened(.unreachable("given up")) }
          isOpen = true
          await report(.opened(server, opened))
        case .notice(let notice): await report(.notice(notice))
        case .end(let ended):
          return isOpen
            ? .over(.ended(ended.reason)) : .notOpened(.malformed("ended before it was open"))
        case .open, .heartbeat: break
        }
      }
      throw .unreachable("the connection was closed")
    } catch {
      if Task.isCancelled { return .over(.closed) }
      return isOpen ? .over(.lost(error)) : .notOpened(error)
    }
  }
}

/// Decides once whether a session opened in time.
private final class OpeningGate: Sendable {
  private enum State { case waiting, opened, givenUp }
  private let state = Mutex(State.waiting)

  func sessionOpened() -> Bool { move(to: .opened) }
  func giveUp() -> Bool { move(to: .givenUp) }

  private func move(to next: State) -> Bool {
    state.withLock { state in
      guard state == .waiting else { return false }
      state = next
      return true
    }
  }
}

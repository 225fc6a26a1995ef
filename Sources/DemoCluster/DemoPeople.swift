internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ServiceLifecycle
internal import Synchronization

/// People who log on and off with real handshakes, each over a separate connection.
final class DemoPeople: ServiceLifecycle.Service {
  private struct Session {
    let kind: ClientKind
    let task: Task<Void, Never>
  }
  private struct State {
    var crowd: DemoCrowd
    var sessions: [Int: Session] = [:]
    var nextKey = 0
    /// How many people use the application now.
    var working = 0
  }

  /// Each of them needs four sockets of this process.
  private static let mostWorking = 200

  private static let stepMilliseconds: Int64 = 200
  private let entries: [ServerEntry]
  private let transport: HTTPTransport
  private let state: Mutex<State>

  /// - Parameter entries: The configuration of the clients: the balancer first.
  init(_ plan: DemoPlan, entries: [ServerEntry], transport: HTTPTransport) {
    self.entries = entries
    self.transport = transport
    state = Mutex(State(crowd: DemoCrowd(plan)))
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      repeat {
        self.step()
      } while (try? await Task.sleep(for: .milliseconds(Self.stepMilliseconds))) != nil
    }
    for session in state.withLock({ $0.sessions.values }) { session.task.cancel() }
  }

  private func step() {
    let (arriving, leaving) = state.withLock { state in
      let present = state.sessions.values.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
      let step = state.crowd.step(milliseconds: Self.stepMilliseconds, present: present)
      var leaving: [Task<Void, Never>] = []
      for (kind, count) in step.leaving {
        // Those who came first leave first.
        let keys = state.sessions.filter { $0.value.kind == kind }.keys.sorted().prefix(count)
        for key in keys {
          if let session = state.sessions.removeValue(forKey: key) { leaving.append(session.task) }
        }
      }
      return (step.arriving, leaving)
    }
    for task in leaving { task.cancel() }
    for person in arriving { logOn(person) }
  }

  private func logOn(_ person: DemoCrowd.Person) {
    let walk = ClientWalk(
      entries: entries, kind: person.kind, user: person.user, computer: person.computer,
      transport: transport)
    state.withLock { state in
      state.nextKey += 1
      let key = state.nextKey
      let task = Task.detached {
        await self.attend(walk)
        // The session was refused, lost or ended by an operator, so the person has left.
        _ = self.state.withLock { $0.sessions.removeValue(forKey: key) }
      }
      state.sessions[key] = Session(kind: person.kind, task: task)
    }
  }

  /// Holds a session until it ends, and works in it meanwhile.
  private func attend(_ walk: ClientWalk) async {
    let (sessions, report) = AsyncStream.makeStream(of: Place.self)
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        _ = await walk.run { step in
          if case .opened(let server, let session) = step {
            report.yield(Place(server: server, session: session))
          }
        }
        report.finish()
      }
      for await place in sessions { group.addTask { await self.work(at: place) } }
      group.cancelAll()
    }
  }

  private struct Place: Sendable {
    var server: HandshakeServer
    var session: SessionOpened
  }

  /// Asks the application for something from time to time. A person without an application stays
  /// all the same.
  private func work(at place: Place) async {
    let mayWork = state.withLock { state in
      guard state.working < Self.mostWorking else { return false }
      state.working += 1
      return true
    }
    guard mayWork else { return }
    defer { state.withLock { $0.working -= 1 } }
    let server = ClusterConnection(
      Endpoint(place.server.address, tls: place.server.tls), transport: transport)
    try? await server.withApplication(in: place.session) { stream in
      var pieces = stream.bytes.makeAsyncIterator()
      while !Task.isCancelled {
        var wanted = Int.random(in: 100...20_000)
        try await stream.write(Array("\(wanted)\n".utf8))
        while wanted > 0 {
          guard let piece = try await pieces.next() else { return }
          wanted -= piece.count
        }
        try await Task.sleep(for: .milliseconds(Int.random(in: 500...8_000)))
      }
    }
  }
}

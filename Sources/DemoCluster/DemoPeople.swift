internal import ClusterClient
internal import ClusterModel
internal import ServiceLifecycle
internal import Synchronization

/// People who log on and off through the real handshake, each over a connection of its own.
final class DemoPeople: ServiceLifecycle.Service {
  private struct Session {
    let kind: ClientKind
    let task: Task<Void, Never>
  }
  private struct State {
    var crowd: DemoCrowd
    var sessions: [Int: Session] = [:]
    var nextKey = 0
  }

  private static let stepMilliseconds: Int64 = 200
  private let entries: [ServerEntry]
  private let transport: HTTPTransport
  private let state: Mutex<State>

  /// - Parameter entries: The client's configuration: the balancer first.
  init(_ plan: DemoPlan, entries: [ServerEntry], transport: HTTPTransport) {
    self.entries = entries
    self.transport = transport
    state = Mutex(State(crowd: DemoCrowd(plan)))
  }

  func run() async throws {
    await cancelWhenGracefulShutdown {
      repeat { self.step() }
      while (try? await Task.sleep(for: .milliseconds(Self.stepMilliseconds))) != nil
    }
    for session in state.withLock({ $0.sessions.values }) { session.task.cancel() }
  }

  private func step() {
    let (arriving, leaving) = state.withLock { state in
      let present = state.sessions.values.reduce(into: [:]) { $0[$1.kind, default: 0] += 1 }
      let step = state.crowd.step(milliseconds: Self.stepMilliseconds, present: present)
      var leaving: [Task<Void, Never>] = []
      for (kind, count) in step.leaving {
        // The longest there leave first.
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
        _ = await walk.run { _ in }
        // Refused, lost or ended by an operator: that person is gone.
        _ = self.state.withLock { $0.sessions.removeValue(forKey: key) }
      }
      state.sessions[key] = Session(kind: person.kind, task: task)
    }
  }
}

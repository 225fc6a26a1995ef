internal import ClusterModel
internal import RealPrograms
internal import Synchronization

/// What clients and operators have seen, and every promise that was broken before their eyes.
final class Witness: Sendable {
  struct Count: Sendable {
    var sessions = 0
    var cut = 0
    var actions = 0
    var repeated = 0
    var looks = 0
    /// Blocks that came back through a tunnel as they were sent.
    var blocks = 0
    /// Nanoseconds that a client was without a server while one was free.
    var longestWait: Int64 = 0
  }

  private struct Server {
    var isUp = false
    /// Known to let clients in, or known to let nobody in, since a moment.
    var isAccepting = true
    var closedSince: Int64?
  }

  private struct Client {
    /// Where its session is.
    var server: InstanceID?
    /// Since when it has none; far ahead while it has not come at all.
    var since: Int64
  }

  private struct State {
    var count = Count()
    var servers: [InstanceID: Server] = [:]
    var balancersUp = 0
    var clients: [Client]
    /// Since when one server and one balancer are up.
    var servedSince: Int64?
    var broken: [String] = []
    var waitingNow: Set<Int> = []
    var mayLeave = true
  }

  private let patience: Int64
  private let state: Mutex<State>

  init(_ plan: SoakPlan) {
    patience = Int64(plan.patience * 1e9)
    let client = Client(since: .max)
    state = Mutex(State(clients: Array(repeating: client, count: plan.clients)))
  }

  var count: Count { state.withLock { $0.count } }

  /// Each promise that was not kept, in words.
  var broken: [String] { state.withLock { $0.broken } }

  func broke(_ words: String) {
    state.withLock { state in
      if state.broken.count < 20 { state.broken.append(words) }
    }
    Output.note("BROKEN: \(words)")
  }

  func counted(_ change: @Sendable (inout Count) -> Void) {
    state.withLock { change(&$0.count) }
  }

  // MARK: Processes

  func balancersUp(_ count: Int) { state.withLock { $0.balancersUp = count } }

  func server(_ id: InstanceID, isUp: Bool) {
    state.withLock { $0.servers[id, default: Server()].isUp = isUp }
  }

  // MARK: Operators

  /// An operator has asked for a change, so that nobody knows what holds meanwhile.
  func asked(_ id: InstanceID) {
    state.withLock { state in
      state.servers[id, default: Server()].isAccepting = false
      state.servers[id, default: Server()].closedSince = nil
    }
  }

  /// A change was acknowledged.
  ///
  /// - Parameter delivered: The server obeys it by now.
  func acknowledged(_ id: InstanceID, accepting: Bool, delivered: Bool) {
    let now = SteadyClock.nanoseconds
    state.withLock { state in
      state.servers[id, default: Server()].isAccepting = accepting
      state.servers[id, default: Server()].closedSince = !accepting && delivered ? now : nil
    }
  }

  // MARK: Clients

  /// A client has come for the first time.
  func came(_ client: Int) {
    let now = SteadyClock.nanoseconds
    state.withLock { $0.clients[client].since = now }
  }

  /// A session is open.
  ///
  /// - Parameter asked: When the client asked the server for it.
  func opened(_ client: Int, at id: InstanceID, asked: Int64) {
    let closed = state.withLock { state -> Bool in
      state.count.sessions += 1
      state.clients[client].server = id
      state.waitingNow.remove(client)
      return state.servers[id]?.closedSince.map { asked > $0 } ?? false
    }
    if closed { broke("\(id) let a client in although it had obeyed a drain") }
  }

  /// A session is over, or never was.
  func left(_ client: Int, isCut: Bool) {
    let now = SteadyClock.nanoseconds
    state.withLock { state in
      guard state.clients[client].server != nil else { return }
      state.clients[client] = Client(since: now)
      if isCut { state.count.cut += 1 }
    }
  }

  /// From now on clients stay where they are, so that they can be counted.
  func letStay() { state.withLock { $0.mayLeave = false } }

  var mayLeave: Bool { state.withLock { $0.mayLeave } }

  /// How many clients say that they are at each server.
  var sessions: [InstanceID: Int] {
    state.withLock { state in
      state.clients.reduce(into: [:]) { counts, client in
        if let server = client.server { counts[server, default: 0] += 1 }
      }
    }
  }

  /// Looks whether anybody waits for too long.
  func look() {
    let now = SteadyClock.nanoseconds
    let patience = patience
    let late = state.withLock { state -> [Int] in
      let isServed =
        state.balancersUp > 0 && state.servers.values.contains { $0.isUp && $0.isAccepting }
      guard isServed else {
        state.servedSince = nil
        return []
      }
      let served = state.servedSince ?? now
      state.servedSince = served
      var late: [Int] = []
      for (number, client) in state.clients.enumerated() where client.server == nil {
        let wait = now - max(served, client.since)
        state.count.longestWait = max(state.count.longestWait, wait)
        if wait > patience, state.waitingNow.insert(number).inserted { late.append(number) }
      }
      return late
    }
    if let first = late.first {
      broke("client \(first) and \(late.count - 1) more are without a server for too long")
    }
  }
}

internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import RealPrograms
internal import Synchronization

/// Somebody who changes the cluster all the time, at whatever balancer answers, and remembers
/// what was acknowledged.
///
/// Each operator has instances of its own, so that what it was told last is what must hold.
final class Operator: Sendable {
  /// What the registry must say of an instance.
  struct Expectation: Equatable, Sendable {
    var admission = Admission.accepting
    var limit: Int?
  }

  private struct State {
    /// Nil: it must not be there.
    var expected: [InstanceID: Expectation?]
    var reasons: [String] = []
    var random: SplitMix64
  }

  private enum Change { case drain, enable, limit, ghost }

  private let name: String
  private let own: [InstanceID]
  /// An instance that never was: it is added and removed.
  private let ghost: InstanceID
  private let ghostAddress: Address
  private let connections: [ClusterConnection]
  private let witness: Witness
  private let state: Mutex<State>

  init(
    number: Int, own: [InstanceID], balancers: [Endpoint], seed: UInt64, transport: HTTPTransport,
    witness: Witness
  ) throws {
    name = "operator \(number)"
    self.own = own
    ghost = try InstanceID("GHOST\(number)")
    ghostAddress = try Address("127.0.0.1:\(number)")
    connections = balancers.map { ClusterConnection($0, transport: transport) }
    self.witness = witness
    var expected = Dictionary(uniqueKeysWithValues: own.map { ($0, Optional(Expectation())) })
    expected[ghost] = .some(nil)
    state = Mutex(
      State(expected: expected, random: SplitMix64(seed: seed &+ UInt64(number) &* 1_000_003)))
  }

  /// Drains and enables that were acknowledged: the log must have each once.
  var reasons: [String] { state.withLock { $0.reasons } }

  /// Until the task is cancelled; what was asked for by then is brought to its end.
  func run() async {
    var number = 0
    while !Task.isCancelled {
      number += 1
      let reason = "\(name), change \(number)"
      await Task { await change(reason) }.value
      try? await Task.sleep(for: .seconds(drawn(0.2...1)))
    }
  }

  private func drawn(_ range: ClosedRange<Double>) -> Double {
    state.withLock { Double.random(in: range, using: &$0.random) }
  }

  private func change(_ reason: String) async {
    let dice = drawn(0...1)
    let id = own[Int(drawn(0...0.999) * Double(own.count))]
    let isAccepting = expectation(of: id)?.admission == .accepting
    // One of its own always stays in service.
    let others = own.filter { $0 != id && expectation(of: $0)?.admission == .accepting }
    do {
      if dice < 0.15 {
        try await changeGhost()
      } else if dice < 0.3 {
        try await limit(id, to: dice < 0.2 ? nil : 500 + Int(dice * 1_000))
      } else if !isAccepting || !others.isEmpty {
        try await admit(id, !isAccepting, reason)
      }
      await check("right after a change")
    } catch {
      witness.broke("\(reason) of \(id): \(error)")
    }
  }

  private func expectation(of id: InstanceID) -> Expectation? {
    state.withLock { $0.expected[id] ?? nil }
  }

  private func admit(_ id: InstanceID, _ accepts: Bool, _ reason: String) async throws {
    let options = MutationOptions(acknowledge: ImpactWarning.allCases.map { .known($0) })
    let request = try MutationRequest(
      accepts ? .enable([id], reason: reason) : .drain([id], reason: reason), options: options)
    witness.asked(id)
    let answer = try await acknowledged(request)
    state.withLock { state in
      state.expected[id]??.admission = accepts ? .accepting : .rejecting
      state.reasons.append(reason)
    }
    witness.acknowledged(id, accepting: accepts, delivered: answer.delivered)
  }

  private func limit(_ id: InstanceID, to maximum: Int?) async throws {
    let options = MutationOptions(acknowledge: ImpactWarning.allCases.map { .known($0) })
    _ = try await acknowledged(
      MutationRequest(.limit([id], to: maximum), options: options))
    state.withLock { $0.expected[id]??.limit = maximum }
  }

  private func changeGhost() async throws {
    if expectation(of: ghost) == nil {
      _ = try await acknowledged(MutationRequest(.add(ghost, at: ghostAddress)))
      state.withLock { $0.expected[ghost] = Expectation(admission: .rejecting) }
    } else {
      _ = try await acknowledged(MutationRequest(.remove([ghost], force: true)))
      state.withLock { $0.expected[ghost] = .some(nil) }
    }
  }

  /// Sends the same request until somebody answers it.
  ///
  /// - Throws: A refusal that does not pass by itself.
  private func acknowledged(_ request: MutationRequest) async throws -> MutationAnswer {
    while true {
      do {
        let answer = try await anyConnection().change(request)
        witness.counted { $0.actions += 1 }
        return answer
      } catch {
        guard Self.passes(error) else { throw error }
      }
      witness.counted { $0.repeated += 1 }
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  /// Whether asking again may help: nobody answered, or the registry is away.
  private static func passes(_ failure: ClientFailure) -> Bool {
    switch failure {
    case .unreachable, .outcomeUnknown: true
    case .problem(let problem):
      [.registryUnavailable, .outcomeUnknown, .notReady].contains(problem.name)
    case .malformed: false
    }
  }

  private func anyConnection() -> ClusterConnection {
    connections[Int(drawn(0...0.999) * Double(connections.count))]
  }

  /// Holds what a balancer says against what was acknowledged. Another than the one that answered
  /// may need a moment to learn of it, and none may answer at all.
  func check(_ moment: String) async {
    let expected = state.withLock { $0.expected }
    let connection = anyConnection()
    var wrong: [String] = []
    var answers = 0
    let start = SteadyClock.nanoseconds
    while SteadyClock.nanoseconds - start < 20_000_000_000 {
      if let snapshot = try? await connection.status() {
        answers += 1
        wrong = differences(of: snapshot, from: expected)
        if wrong.isEmpty { return witness.counted { $0.looks += 1 } }
      } else {
        wrong = []  // killed: what it says after its start counts
        answers = 0
        try? await Task.sleep(for: .milliseconds(300))
      }
      try? await Task.sleep(for: .milliseconds(100))
    }
    // With the registry away it cannot know better.
    let registry = try? await connection.status().balancer.registry.state
    if answers > 20, !wrong.isEmpty, registry == .available {
      witness.broke("\(connection.endpoint), \(moment): \(wrong.joined(separator: ", "))")
    }
  }

  private func differences(
    of snapshot: ClusterSnapshot, from expected: [InstanceID: Expectation?]
  ) -> [String] {
    expected.compactMap { id, expectation in
      let found = snapshot[id].flatMap { row in
        row.admission.known.map { Expectation(admission: $0, limit: row.limit) }
      }
      if found == expectation { return nil }
      return "\(id) is \(found.map { "\($0)" } ?? "not there"), "
        + "and should be \(expectation.map { "\($0)" } ?? "gone")"
    }
  }
}

internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

struct RollCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "roll",
    abstract: "Guide a rolling restart: drain one instance after the other.",
    discussion: """
      Drains the first instance until its restart, and tells you when to restart it. You or your \
      tools restart it. When its new process is back in the list, aosctl drains the next one. It \
      pauses, with the reason, while the other instances would be too full or one of them is lost. \
      After Ctrl-C the current drain stays; repeat the command with --since to continue.
      """)

  @Argument(help: "The instances, in this order.", transform: checkedID)
  var ids: [InstanceID]
  @OptionGroup var terms: TermsArguments
  @Option(
    help: ArgumentHelp(
      "Pause while the load of the others would be above this number of percent.",
      valueName: "percent"))
  var pauseOver = 90
  @Option(
    help: ArgumentHelp(
      "Skip instances that have restarted since this time, such as 2026-03-01T22:00:00Z.",
      valueName: "time"),
    transform: checkedTime)
  var since: Timestamp?
  @Option(
    help: ArgumentHelp(
      "Go ahead in spite of this warning, as with aosctl drain. Repeat it for several.",
      valueName: "warning"),
    completion: .list(ImpactWarning.allCases.map(\.rawValue)), transform: warning)
  var acknowledge: [OpenEnum<ImpactWarning>] = []
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard (1...100).contains(pauseOver) else {
      throw ValidationError("--pause-over must be 1 to 100")
    }
  }

  func run() async throws {
    try await connection.withBalancer { balancer in
      let snapshot = try await balancer.status()
      for id in ids {
        guard let instance = snapshot[id] else {
          throw ProgramFailure(.refused, "no instance of the cluster has the id \(id)")
        }
        guard !instance.role.isLoadBalancer else {
          throw ProgramFailure(.refused, "\(id) is a load balancer: it takes no sessions")
        }
      }
      let machine = RollingRestart(ids, in: snapshot, since: since, pauseOver: pauseOver)
      let (reason, deadline) = (terms.reason, terms.deadline)
      let (plain, acknowledged) = (terms.terms(untilRestart: true), acknowledge)
      let roll = RollingRestartRun(machine, isJSON: connection.json) {
        (id) async throws(ClientFailure) -> MutationAnswer in
        var own = plain
        // The deadline counts from the beginning of each drain.
        own.deadline = deadline?.fromNow
        return try await balancer.change(
          .drain([id], reason: reason, terms: own),
          options: MutationOptions(acknowledge: acknowledged))
      }
      try await roll.finish(at: balancer)
    }
  }
}

/// Reads a time; a wrong one is refused with the reason.
private func checkedTime(_ text: String) throws -> Timestamp {
  guard let time = Timestamp(text) else {
    throw ValidationError("it must be a time such as 2026-03-01T22:00:00Z")
  }
  return time
}

/// Carries out the steps of a `RollingRestart` and reports them.
struct RollingRestartRun {
  fileprivate struct State {
    var machine: RollingRestart
    /// The last reported step.
    var told: RollingRestart.Step?
    var toldAt = ContinuousClock.now
    var toldRestarted = 0
    var failure: ProgramFailure?
  }

  private let state: Shared<State>
  /// Whether steps are printed as JSON lines, and words go to standard error.
  private let isJSON: Bool
  private let drain: @Sendable (InstanceID) async throws(ClientFailure) -> MutationAnswer

  init(
    _ machine: RollingRestart, isJSON: Bool,
    drain: @escaping @Sendable (InstanceID) async throws(ClientFailure) -> MutationAnswer
  ) {
    state = Shared(State(machine: machine))
    self.isJSON = isJSON
    self.drain = drain
  }

  /// - Throws: `ProgramFailure` where it cannot continue.
  func finish(at balancer: ClusterConnection) async throws {
    let watcher = ClusterWatcher(
      endpoints: [balancer.endpoint], token: balancer.token, transport: balancer.transport)
    let since = state.with { $0.machine.since }
    say("since \(since): what restarts from then on is skipped with --since \(since)")
    let leave = LastAct { [state] in
      console.note(Self.farewell(state.with { $0.machine }))
    }
    defer { leave.cancel() }
    let over = Signal()
    let snapshot = Shared<ClusterSnapshot?>(nil)
    await over.ends {
      await watcher.run { event in
        switch event {
        case .snapshot(let new): snapshot.with { $0 = new }
        case .change(let change): snapshot.with { $0?.apply(change) }
        case .lost(let endpoint, let failure, _):
          return console.note("\(endpoint) is away (\(failure)); trying again")
        case .connecting, .connected, .action, .event: return
        }
        guard let now = snapshot.with({ $0 }) else { return }
        state.with { $0.machine.note(now) }
        await carryOut(at: balancer.endpoint)
        if state.with({ $0.isOver }) { over.fire() }
      }
    }
    if let failure = state.with({ $0.failure }) { throw failure }
  }

  /// Carries out the current step, and reports what is new.
  private func carryOut(at endpoint: Endpoint) async {
    tellNews()
    let step = state.with { $0.machine.step }
    switch step {
    case .drain(let id): await order(id, at: endpoint)
    case .stop(let id, let stop):
      let words = "\(id) \(stop.words)"
      state.with {
        $0.failure = ProgramFailure(.refused, [words] + Self.farewell($0.machine, of: id))
      }
    case .wait, .pause, .done: break
    }
  }

  private func order(_ id: InstanceID, at endpoint: Endpoint) async {
    do throws(ClientFailure) {
      let answer = try await drain(id)
      let at = answer.instances.first?.admissionAt
      state.with { state in
        state.machine.ordered(id, at: at ?? state.machine.since)
        state.told = state.machine.step
      }
      let left = answer.instances.first?.load.connected ?? 0
      let sessions = left == 1 ? "1 session" : "\(left) sessions"
      tell("drain", id, "drains until its restart, \(sessions) left")
    } catch {
      switch error {
      case .unreachable, .outcomeUnknown:
        // Repeating the same drain changes nothing, so it is tried again with the next event of the
        // cluster.
        console.note("\(endpoint): \(error.plainWords); trying again")
      case .problem, .malformed:
        let failure = ProgramFailure(answer: error, at: endpoint)
        state.with { state in
          state.failure = ProgramFailure(
            failure.status, failure.lines + [Self.farewell(state.machine)])
        }
      }
    }
  }

  /// Reports restarts, and a step that differs from the last one.
  private func tellNews() {
    let (back, step) = state.with { state -> ([InstanceID], RollingRestart.Step?) in
      let back = Array(state.machine.restarted.dropFirst(state.toldRestarted))
      state.toldRestarted = state.machine.restarted.count
      let (before, step) = (state.told, state.machine.step)
      if before == step { return (back, nil) }
      // Sessions end one by one; a line each second is enough.
      if case .wait(_, .sessions) = step, case .wait(_, .sessions) = before,
        ContinuousClock.now - state.toldAt < .seconds(1)
      {
        return (back, nil)
      }
      (state.told, state.toldAt) = (step, .now)
      return (back, step)
    }
    for id in back { tell("restarted", id, "has restarted and is in the list") }
    switch step {
    case .wait(let id, let waiting): tell("wait", id, waiting.words)
    case .pause(let id, let pause): tell("pause", id, "waits: \(pause.words)")
    case .done: say("all have restarted")
    case .drain, .stop, nil: break
    }
  }

  /// How to continue after an interruption.
  private static func farewell(_ machine: RollingRestart) -> String {
    let rest = machine.rest.map(\.text).joined(separator: " ")
    let under = machine.current.map { "\($0) stays drained until its restart. " } ?? ""
    return under
      + "Go on with the same terms: aosctl roll \(rest) --since \(machine.since)"
  }

  private static func farewell(_ machine: RollingRestart, of id: InstanceID) -> [String] {
    let rest = machine.rest.filter { $0 != id }.map(\.text).joined(separator: " ")
    return rest.isEmpty
      ? [] : ["Go on without it: aosctl roll \(rest) --since \(machine.since)"]
  }

  private func tell(_ step: String, _ id: InstanceID, _ words: String) {
    let line = RollLine(instance: id, step: step, words: words)
    endingOnFailure { () throws(ProgramFailure) in
      if isJSON { try console.json(line) } else { try console.line("\(id) \(words)") }
    }
  }

  private func say(_ words: String) {
    if isJSON { return console.note(words) }
    endingOnFailure { () throws(ProgramFailure) in try console.line(words) }
  }
}

extension RollingRestartRun.State {
  /// Whether there is nothing more to do.
  fileprivate var isOver: Bool { machine.step == .done || failure != nil }
}

/// A step, for programs.
private struct RollLine: Encodable {
  var instance: InstanceID
  /// `drain`, `wait`, `pause` or `restarted`.
  var step: String
  var words: String
}

internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

/// `aosctl connect --stdio`: one connection to the application on standard input and output.
struct StandardConnection: Sendable {
  let walk: ClientWalk
  let report: StepReport

  /// The open session.
  private struct Session {
    var server: InstanceID
    var connection: ClusterConnection
    var opened: SessionOpened
    var route: ForwardRoute
  }

  private struct State {
    var session: Session?
    var end: WalkEnd?
    /// Why the application was not reached.
    var refusal: ProgramFailure?
    /// What went wrong with the bytes.
    var failure: ProgramFailure?
  }

  /// Runs until the application has closed its side, or the session is over.
  ///
  /// - Returns: Nil where the application closed its side and everything is written.
  func run() async -> ProgramFailure? {
    let streams: StandardStreams
    do throws(ProgramFailure) { streams = try StandardStreams() } catch { return error }
    let state = Shared(State())
    let forward = ApplicationForward { failure in
      state.with {
        guard let server = $0.session?.server else { return }
        $0.refusal = ProgramFailure(failure, at: server.text)
      }
    }
    let (opened, done) = (Signal(), Signal())
    await endingOnInterrupt {
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          await done.ends { await hold(forward, state, opened) }
          state.with { $0.session?.route }?.end()
          opened.fire()
        }
        group.addTask {
          await opened.wait()
          await copy(streams, forward, state)
          done.fire()
        }
        await group.waitForAll()
      }
    }
    await forward.close()
    return state.with { verdict($0) }
  }

  private func hold(
    _ forward: ApplicationForward, _ state: Shared<State>, _ opened: Signal
  ) async {
    let end = await walk.run { step in
      report.print(step)
      guard case .opened(let server, let session) = step else { return }
      let connection = ClusterConnection(
        Endpoint(server.address, tls: server.tls), transport: walk.transport)
      let route = forward.route(to: connection, in: session)
      state.with {
        $0.session = Session(
          server: server.id, connection: connection, opened: session, route: route)
      }
      opened.fire()
    }
    state.with { $0.end = end }
  }

  private func copy(
    _ streams: StandardStreams, _ forward: ApplicationForward, _ state: Shared<State>
  ) async {
    guard let session = state.with({ $0.session }) else { return }
    var failure: ProgramFailure?
    do {
      try await forward.serve(streams.far)
      failure = await streams.copy()
    } catch {
      failure = ProgramFailure(.unreachable, "no connection: \(error.plainWords)")
    }
    let isRefused = state.with { $0.refusal != nil || $0.end != nil }
    // Ctrl-C closes the session, and with it the connection.
    if failure == nil, !isRefused, !Task.isCancelled {
      // The end of a session ends its connections, too, so the answer may be incomplete.
      do throws(ClientFailure) {
        try await session.connection.reportActivity(session.opened)
      } catch {
        failure = ProgramFailure(.unreachable, "the session is over: \(error.plainWords)")
      }
    }
    state.with { $0.failure = failure }
  }

  private func verdict(_ state: State) -> ProgramFailure? {
    if let refusal = state.refusal { return refusal }
    switch state.end {
    case .ended(let reason):
      return ProgramFailure(.unreachable, "the session was ended: \(reason)")
    case .closed, nil:
      if state.failure == nil { report.print(WalkEnd.closed.record) }
      return state.failure
    case .some(let end): return end.failure
    }
  }
}

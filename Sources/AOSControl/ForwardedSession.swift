internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

/// `aosctl connect --forward`: walks to a session and forwards a port of this machine into it.
struct ForwardedSession: Sendable {
  let walk: ClientWalk
  let report: StepReport
  let place: ForwardPlace
  let rejoins: Bool

  private enum Event: Sendable {
    case opened(Int)
    case noticed(Int, namesEnd: Bool)
    case over(Int, WalkEnd)
  }

  /// One walk and its session.
  private struct Way {
    var left: Signal
    var route: ForwardRoute?
  }

  /// Runs until the task is cancelled, or the session is over and no other follows.
  ///
  /// - Parameter opened: Set when the first session is open.
  /// - Returns: Why it ended by itself.
  func run(opened: Signal) async -> ProgramFailure? {
    let forward = ApplicationForward(rejoins: rejoins) { [report] failure in
      report.note("aosctl: a connection was closed: \(failure)")
    }
    let port: Int?
    do throws(ClientFailure) { port = try await forward.listen(at: place) } catch {
      guard !Task.isCancelled else { return nil }
      return ProgramFailure(
        .wrongInput, "cannot listen on \(place.words(port: nil)): \(error.plainWords)")
    }
    let end = await follow(forward, listening: place.words(port: port), opened)
    await forward.close()
    report.printEnd(end)
    return failure(of: end)
  }

  /// For users of the port it makes no difference who ended the session.
  private func failure(of end: WalkEnd) -> ProgramFailure? {
    guard case .ended(let reason) = end else { return end.failure }
    return ProgramFailure(.unreachable, "the session was ended: \(reason)")
  }

  private func follow(
    _ forward: ApplicationForward, listening: String, _ opened: Signal
  ) async -> WalkEnd {
    let (events, tell) = AsyncStream.makeStream(of: Event.self)
    let ways = Shared<[Int: Way]>([:])
    return await withDiscardingTaskGroup(returning: WalkEnd.self) { group in
      var plan = ForwardPlan(rejoins: rejoins)
      var steps = plan.begin()
      var told = false
      var next = events.makeAsyncIterator()
      while true {
        for step in steps {
          switch step {
          case .walk(let number, let pause):
            let way = Way(left: Signal())
            ways.with { $0[number] = way }
            group.addTask {
              await self.go(number, after: pause, forward, ways, tell)
            }
          case .leave(let number):
            guard let way = ways.with({ $0[number] }) else { continue }
            group.addTask {
              await way.route?.finish()
              way.left.fire()
            }
          case .end(let end):
            group.cancelAll()
            return end
          }
        }
        guard let event = await next.next() else {
          group.cancelAll()
          return .closed
        }
        switch event {
        case .opened(let number):
          steps = plan.opened(number)
          opened.fire()
          if !told { report.print(.forwarding(from: listening)) }
          told = true
        case .noticed(let number, let namesEnd):
          steps = plan.noticed(number, namesEnd: namesEnd)
        case .over(let number, let end):
          ways.with { $0[number] = nil }
          steps = plan.over(number, end, random: Double.random(in: 0...1))
          // The last end is reported where the program ends.
          if end != .closed, !steps.contains(.end(end)) { report.print(end.record) }
        }
      }
    }
  }

  /// One walk, from its first step to the end of its session.
  private func go(
    _ number: Int, after pause: Int64, _ forward: ApplicationForward, _ ways: Shared<[Int: Way]>,
    _ tell: AsyncStream<Event>.Continuation
  ) async {
    guard let left = ways.with({ $0[number]?.left }) else { return }
    let end = Shared(WalkEnd.closed)
    await left.ends {
      do { try await Task.sleep(for: .milliseconds(pause)) } catch { return }
      let last = await walk.run { step in
        // Printing may wait for a slow reader, but connections must not.
        if case .opened(let server, let session) = step {
          let connection = ClusterConnection(
            Endpoint(server.address, tls: server.tls), transport: walk.transport)
          let route = forward.route(to: connection, in: session)
          ways.with { $0[number]?.route = route }
        }
        if case .notice(let notice) = step {
          tell.yield(.noticed(number, namesEnd: notice.endsAt != nil))
        }
        report.print(step)
        if case .opened = step { tell.yield(.opened(number)) }
      }
      end.with { $0 = last }
    }
    ways.with { $0[number]?.route }?.end()
    tell.yield(.over(number, end.with { $0 }))
  }
}

extension StepRecord {
  static func forwarding(from place: String) -> StepRecord {
    StepRecord("forwarding", "forwarding from \(place)", listening: place)
  }
}

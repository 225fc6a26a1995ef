internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import RealPrograms

/// Clients that log on, stay for a while, log off and come back, and that go the whole way again
/// whenever their server is gone.
struct Crowd: Sendable {
  let plan: SoakPlan
  /// The configuration of every client: balancers alone, so that nobody finds a server by luck.
  let balancers: [Address]
  let witness: Witness
  let transport = HTTPTransport()

  /// Every tenth client uses the application.
  private static let clientsPerCourier = 10

  /// Until the task is cancelled.
  func run() async {
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<plan.clients {
        group.addTask { await live(number) }
      }
    }
    await transport.shutDown()
  }

  private func live(_ number: Int) async {
    var random = SplitMix64(seed: plan.seed &+ UInt64(number))
    let entries = balancers.map { ServerEntry(address: $0) }
    let walk = ClientWalk(
      entries: number.isMultiple(of: 2) ? entries : entries.reversed(), user: "u\(number)",
      computer: "pc\(number)", transport: transport)
    var isFirst = true
    while !Task.isCancelled {
      let seconds = Double.random(in: isFirst ? 0...5 : 0.1...0.5, using: &random)
      try? await Task.sleep(for: .seconds(seconds))
      if isFirst { witness.came(number) }
      isFirst = false
      await stay(number, walk, atMost: Double.random(in: 20...120, using: &random))
    }
  }

  private func stay(_ number: Int, _ walk: ClientWalk, atMost seconds: Double) async {
    let (places, tell) = AsyncStream.makeStream(of: Courier.Place.self)
    await withTaskGroup(of: WalkEnd?.self) { group in
      group.addTask {
        let visit = Visit(number: number, witness: witness, tell)
        return await walk.run { await visit.step($0) }
      }
      if number.isMultiple(of: Self.clientsPerCourier) {
        group.addTask {
          await Courier(number: number, witness: witness, transport: transport).run(places)
          return nil
        }
      }
      group.addTask {
        try? await Task.sleep(for: .seconds(seconds))
        while !witness.mayLeave, !Task.isCancelled {
          try? await Task.sleep(for: .milliseconds(200))
        }
        return nil
      }
      let first = await group.next() ?? nil
      if case .lost = first { witness.left(number, isCut: true) }
      group.cancelAll()
      await group.waitForAll()
      witness.left(number, isCut: false)
    }
  }

  /// One walk of one client.
  private actor Visit {
    private let number: Int
    private let witness: Witness
    private let tell: AsyncStream<Courier.Place>.Continuation
    private var asked: Int64 = 0

    init(number: Int, witness: Witness, _ tell: AsyncStream<Courier.Place>.Continuation) {
      (self.number, self.witness, self.tell) = (number, witness, tell)
    }

    func step(_ step: WalkStep) {
      switch step {
      case .trying: asked = SteadyClock.nanoseconds
      case .opened(let server, let session):
        witness.opened(number, at: server.id, asked: asked)
        tell.yield(Courier.Place(server: server, session: session))
      default: break
      }
    }
  }
}

internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import RealPrograms

/// A cluster of real programs: `aosd balancer` and, where asked for, `aosd instance`.
final class TestCluster {
  let folder: ScratchFolder
  private(set) var balancers: [(child: Child, address: Address)] = []
  private(set) var instances: [(child: Child, address: Address)] = []
  private let programs: Programs
  private let transport = HTTPTransport(connectMilliseconds: 10_000, answerMilliseconds: 60_000)
  private let fleet = Fleet()
  private let reservationSeconds: Int
  private let options: [String]

  /// Starts balancers that share one registry.
  ///
  /// - Parameter options: More words on their command lines.
  /// - Throws: `ProgramFailure`.
  init(
    _ programs: Programs, balancers count: Int = 1, reservationSeconds: Int = 10,
    options: [String] = []
  ) throws {
    self.programs = programs
    folder = try ScratchFolder()
    self.reservationSeconds = reservationSeconds
    self.options = options
    for number in 1...count { balancers.append(try start(number)) }
  }

  /// Starts a balancer and waits until it serves.
  private func start(_ number: Int) throws -> (child: Child, address: Address) {
    let child = try Child(
      programs.aosd,
      [
        "balancer", "--name", "LB\(number)", "--cluster", Fleet.cluster,
        "--listen", "127.0.0.1:0", "--socket", socket(number),
        "--database", "sqlite:\(folder.path("cluster.db"))",
        "--reservation-seconds", "\(reservationSeconds)",
      ] + options, in: folder)
    return (child, try Self.ready(child))
  }

  /// Kills the first balancer, starts it again, and waits until it serves.
  ///
  /// - Returns: When it was started.
  func restart() throws -> Int64 {
    balancer.kill()
    let startedAt = SteadyClock.nanoseconds
    balancers[0] = try start(1)
    return startedAt
  }

  deinit {
    for member in balancers + instances { member.child.kill() }
    fleet.close()
    let transport = transport
    try? Async.wait { await transport.shutDown() }
  }

  /// The Unix socket of a balancer, counted from 1.
  func socket(_ number: Int = 1) -> String { folder.path("lb\(number).sock") }

  func endpoint(_ number: Int = 1) -> String { "unix://" + socket(number) }

  var balancer: Child { balancers[0].child }

  private var operators: ClusterConnection {
    ClusterConnection(.unix(path: socket()), transport: transport)
  }

  private static func ready(_ child: Child) throws -> Address {
    // ready NAME http://HOST:PORT, or https
    let line = try child.line()
    let url = line.split(separator: " ").last ?? ""
    guard let place = url.firstRange(of: "://"), url.hasPrefix("http") else {
      throw ProgramFailure("\(child.name) says: \(line)")
    }
    return try Address(String(url[place.upperBound...]))
  }

  // MARK: Members

  /// Lets this many instances of the fleet join, and waits until the balancer learns of all.
  ///
  /// - Throws: `ProgramFailure`; one is that the joins take longer than five minutes.
  func grow(to count: Int) throws {
    let deadline = SteadyClock.nanoseconds + 300_000_000_000
    let (operators, joining) = (operators, try fleet.grow(to: count))
    try Async.wait {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for lane in 0..<8 {
          group.addTask {
            for place in stride(from: lane, to: joining.count, by: 8) {
              guard SteadyClock.nanoseconds < deadline else {
                throw ProgramFailure("\(joining.count) joins take longer than five minutes")
              }
              let (member, address) = joining[place]
              let request = JoinRequest(
                reach: InstanceReach(address),
                profile: InstanceProfile(role: .server(.application), ownMaximum: Fleet.maximum),
                version: ProgramVersion.current,
                startedAt: Timestamp(milliseconds: 1_750_000_000_000))
              member.obey(try await operators.join(member.id, request).desired)
            }
          }
        }
        try await group.waitForAll()
      }
    }
    try waitUntilAlive(count)
  }

  /// Starts this many of the real program, and waits until the balancers learn of all.
  ///
  /// - Parameter options: More words on their command lines.
  func addInstances(_ count: Int, maximum: Int, options: [String] = []) throws {
    for _ in 0..<count {
      let id = try Fleet.name(instances.count)
      let join = balancers.indices.flatMap { ["--join", endpoint($0 + 1)] }
      let child = try Child(
        programs.aosd,
        [
          "instance", "--name", "\(id)", "--listen", "127.0.0.1:0", "--max-clients", "\(maximum)",
          "--connections-per-address", "0", "--state-directory", folder.path("\(id)"),
        ] + join + options, in: folder)
      instances.append((child, try Self.ready(child)))
    }
    try waitUntilAlive(instances.count)
  }

  /// Waits until all instances of the fleet have been told which servers there are, and nobody is
  /// told again. A balancer tells each of them every ten seconds at most.
  ///
  /// - Throws: `ProgramFailure`: that takes longer.
  func waitUntilTold(atMostSeconds seconds: Int) throws {
    let deadline = SteadyClock.nanoseconds + Int64(seconds) * 1_000_000_000
    while !fleet.isTold(forSeconds: 11) {
      guard SteadyClock.nanoseconds < deadline else {
        throw ProgramFailure("instances are still told of servers after \(seconds) s")
      }
      SteadyClock.wait(seconds: 0.5)
    }
  }

  /// An operator orders something, and waits until it is carried out.
  func order(_ command: OperatorCommand) throws {
    let operators = operators
    let answer = try Async.wait { try await operators.change(command) }
    guard answer.delivered else { throw ProgramFailure("an order was not carried out") }
  }

  /// Servers in the list that a client gets from the first balancer.
  func serversListed() throws -> Int {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let (channel, answer) = try Visitor.exchange(
      balancers[0].address, Visitor.request("/v1/handshake"), until: "]}", on: loop
    ).wait()
    channel.close(promise: nil)
    // Each has its address. A search for words would take longer than the answer.
    return answer.utf8.count { $0 == UInt8(ascii: "{") } - 1
  }

  /// Sessions at each instance of the fleet.
  func report(_ connected: Int, at index: Int) { fleet.report(connected, at: index) }

  /// Changes of one instance after another, spread evenly, until the time is over.
  ///
  /// - Parameter attend: Called often; gives what passes time meanwhile.
  /// - Returns: How many changes there were.
  @discardableResult
  func change(
    perSecond rate: Int, seconds: Double, startingAt first: Int = 1_000,
    before: (Int) -> Void = { _ in }, attend: (Double) -> Void = SteadyClock.wait(seconds:)
  ) -> Int {
    let start = SteadyClock.nanoseconds
    var done = 0
    let all = Int(Double(rate) * seconds)
    while done < all {
      let due = Int(Double(SteadyClock.nanoseconds - start) / 1e9 * Double(rate))
      while done < min(due, all) {
        before(first + done)
        fleet.report(first + done, at: done % fleet.count)
        done += 1
      }
      attend(0.002)
    }
    return done
  }

  /// Every balancer learns of all instances, and of the reservations of the other balancers.
  private func waitUntilAlive(_ count: Int) throws {
    let all = balancers.indices.map {
      ClusterConnection(.unix(path: socket($0 + 1)), transport: transport)
    }
    try Async.wait {
      for _ in 0..<600 {
        var isReady = true
        for balancer in all where isReady {
          let status = try await balancer.status()
          isReady =
            status.handshakeList.count >= count
            && (all.count == 1 || status.balancer.reservationWeight == 1)
        }
        if isReady { return }
        try await Task.sleep(for: .milliseconds(100))
      }
      throw ProgramFailure("not all of \(count) instances are in the list after a minute")
    }
  }
}

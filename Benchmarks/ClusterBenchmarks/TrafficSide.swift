internal import Glibc
internal import RealPrograms

/// A way to the application of the traffic figures, and the result of each round on it.
struct TrafficSide {
  let name: String
  private let port: Int
  /// It is a session's at an instance: `CONNECT` leads to it.
  private let isTunnel: Bool
  /// Of what is on the way; nil where nothing does.
  private let meter: Meter?

  /// Bytes a second.
  private(set) var download = Work()
  private(set) var upload = Work()
  /// Pairs of a request and its answer a second, many at a time.
  private(set) var pairs = Work()
  /// Microseconds of one pair while there is no other.
  private(set) var latency = Rounds()

  /// What was done in a second, and nanoseconds of processor time for one of it.
  struct Work {
    private(set) var rate = Rounds()
    private(set) var cost = Rounds()

    mutating func add(_ round: (rate: Double, cost: Double)) {
      rate.add(round.rate)
      cost.add(round.cost)
    }
  }

  init(_ name: String, port: Int, isTunnel: Bool = false, _ child: Child? = nil) {
    (self.name, self.port, self.isTunnel) = (name, port, isTunnel)
    meter = child.map(Meter.init)
  }

  /// `ana:`, who has a session with each connection.
  private static let request = Array(
    "CONNECT app:1 HTTP/1.1\r\nHost: app:1\r\nProxy-Authorization: Basic YW5hOg==\r\n\r\n".utf8)

  /// A connection to the application.
  ///
  /// - Throws: `ProgramFailure` where it is refused.
  func open() throws -> LoopbackSocket {
    let socket = try LoopbackSocket(to: port)
    guard isTunnel else { return socket }
    try socket.send(Self.request)
    // The application says nothing before it is asked, so this is the whole answer.
    let answer = socket.receiveText()
    guard answer.hasPrefix("HTTP/1.1 200 "), answer.hasSuffix("\r\n\r\n") else {
      throw ProgramFailure("no tunnel: \(answer)")
    }
    return socket
  }

  // MARK: Rounds

  private static let bulkConnections = 4
  private static let bulkBytes = 256 << 20
  private static let pairConnections = 64
  private static let pairSeconds = 2.0
  private static let pairBytes = 64
  private static let singleConnections = 20
  private static let singlePairs = 200

  /// One round of everything.
  mutating func measure() throws {
    download.add(try timed { try bulk(.download) })
    upload.add(try timed { try bulk(.upload) })
    pairs.add(try timed(manyPairs))
    latency.add(try onePair())
  }

  /// - Parameter body: Returns how much it did.
  /// - Returns: How much in a second, and nanoseconds of processor time for one of it.
  private func timed(_ body: () throws -> Int) throws -> (rate: Double, cost: Double) {
    let (before, start) = (meter?.processorNanoseconds ?? 0, SteadyClock.nanoseconds)
    let done = Double(try body())
    let (after, end) = (meter?.processorNanoseconds ?? 0, SteadyClock.nanoseconds)
    return (done / (Double(end - start) / 1e9), Double(after - before) / done)
  }

  /// Carries a fixed number of bytes over each of several connections.
  private func bulk(_ kind: TrafficWish.Kind) throws -> Int {
    let sockets = try (0..<Self.bulkConnections).map { _ in try open() }
    for socket in sockets { try socket.send(TrafficWish(kind, Self.bulkBytes).bytes) }
    var buffer = [UInt8](repeating: 0, count: 256 << 10)
    // An upload is over when the application has everything and reports it.
    var left = sockets.map { _ in Self.bulkBytes }
    try TrafficLoop(sockets, events: kind == .upload ? POLLOUT : POLLIN).run { place, socket in
      if kind == .upload, left[place] == 0 {
        return socket.receiveSome(1, into: &buffer).map { $0 == 0 ? .goesOn : .isOver }
      }
      let count =
        kind == .upload
        ? socket.sendSome(left[place], of: buffer)
        : socket.receiveSome(left[place], into: &buffer)
      guard let count else { return nil }
      left[place] -= count
      if left[place] > 0 { return .goesOn }
      return kind == .upload ? .readsNow : .isOver
    }
    return Self.bulkBytes * Self.bulkConnections
  }

  /// Sends a small request on each of many connections, and the next one as soon as its answer
  /// is there.
  private func manyPairs() throws -> Int {
    let sockets = try (0..<Self.pairConnections).map { _ in try open() }
    let message = [UInt8](repeating: 7, count: Self.pairBytes)
    for socket in sockets { try socket.send(TrafficWish(.echo).bytes + message) }
    var buffer = message
    var came = sockets.map { _ in 0 }
    var done = 0
    let end = SteadyClock.nanoseconds + Int64(Self.pairSeconds * 1e9)
    try TrafficLoop(sockets, events: POLLIN).run { place, socket in
      guard let count = socket.receiveSome(Self.pairBytes - came[place], into: &buffer) else {
        return nil
      }
      came[place] += count
      guard came[place] == Self.pairBytes else { return .goesOn }
      came[place] = 0
      done += 1
      guard SteadyClock.nanoseconds < end else { return .isOver }
      return socket.sendSome(message.count, of: message) == message.count ? .goesOn : nil
    }
    return done
  }

  /// One request after the other on one connection, and then on the next: on which processor each
  /// of the programs happens to run makes more of a difference than anything else.
  ///
  /// - Returns: Microseconds from a request to its answer: the middle one.
  private func onePair() throws -> Double {
    let message = [UInt8](repeating: 7, count: Self.pairBytes)
    var buffer = message
    var times = Rounds()
    for _ in 0..<Self.singleConnections {
      let socket = try open()
      try socket.send(TrafficWish(.echo).bytes + message)
      try socket.receive(message.count, into: &buffer)
      for _ in 0..<Self.singlePairs {
        let start = SteadyClock.nanoseconds
        try socket.send(message)
        try socket.receive(message.count, into: &buffer)
        times.add(Double(SteadyClock.nanoseconds - start) / 1_000)
      }
    }
    return times.median
  }
}

/// Goes on with those of some connections that can, until all are done.
struct TrafficLoop {
  enum Step { case goesOn, readsNow, isOver }

  private let sockets: [LoopbackSocket]
  private var entries: [pollfd]

  init(_ sockets: [LoopbackSocket], events: Int32) {
    self.sockets = sockets
    entries = sockets.map { pollfd(fd: $0.file, events: Int16(events), revents: 0) }
  }

  /// - Parameter step: Goes on with one of them; nil where the connection has ended.
  /// - Throws: `ProgramFailure` where one ends too early, or none can go on for ten seconds.
  consuming func run(_ step: (_ place: Int, LoopbackSocket) throws -> Step?) throws {
    var left = entries.count
    while left > 0 {
      guard poll(&entries, nfds_t(entries.count), 10_000) > 0 else {
        throw ProgramFailure("\(left) connections carry nothing for ten seconds")
      }
      for place in entries.indices where entries[place].revents != 0 {
        switch try step(place, sockets[place]) {
        case .goesOn: break
        case .readsNow: entries[place].events = Int16(POLLIN)
        case .isOver:
          entries[place].fd = -1  // poll(2) skips it
          left -= 1
        case nil: throw ProgramFailure("a connection ended before it had carried everything")
        }
      }
    }
  }
}

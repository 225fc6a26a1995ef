internal import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import RealPrograms

/// Handshakes a second with 100 instances, beside a stored answer of the same bytes.
enum HandshakeRate {
  private static let rounds = 5
  private static let seconds = 2

  static func run(_ programs: Programs) throws -> [Figure] {
    let cluster = try TestCluster(programs)
    try cluster.grow(to: 100)
    let folder = cluster.folder
    guard let wrk = try Wrk(in: folder) else {
      return [Figure(what: "handshakes a second", ours: "–", peer: "wrk is not installed")]
    }
    let file = folder.path("answer.json")
    let address = cluster.balancers[0].address
    let size = try keepAnswer(of: address, in: file)
    let stored = try Child("/proc/self/exe", ["--serve", file], in: folder)
    guard let place = try stored.line().split(separator: "/").last else {
      throw ProgramFailure("the server of stored answers says no address")
    }
    let haproxy = try HAProxy(servers: 1, answer: file, in: folder)
    var sides = [
      Side(cluster.balancer, "\(address)"), Side(stored, String(place)),
    ]
    if let haproxy { sides.append(Side(haproxy.child, "127.0.0.1:\(haproxy.port)")) }
    for place in sides.indices { _ = try wrk.run(sides[place].place, seconds: 1) }
    for _ in 0..<rounds {
      for place in sides.indices { try sides[place].measure(wrk, seconds: seconds) }
    }
    return figures(sides, kilobytes: Double(size) / 1_000)
  }

  /// One server that is asked.
  private struct Side {
    let place: String
    private let meter: Meter
    private(set) var rate = Rounds()
    /// Milliseconds of processor time for 1,000 answers.
    private(set) var cost = Rounds()
    private(set) var bytes = Rounds()

    init(_ child: Child, _ place: String) {
      self.place = place
      meter = Meter(child)
    }

    mutating func measure(_ wrk: Wrk, seconds: Int) throws {
      let before = meter.processorNanoseconds
      let outcome = try wrk.run(place, seconds: seconds)
      let spent = Double(meter.processorNanoseconds - before) / 1e6
      rate.add(outcome.perSecond)
      cost.add(spent / Double(outcome.requests) * 1_000)
      bytes.add(outcome.bytesEach)
    }

    var text: String {
      "\(rate.text("/s", decimals: 0)), \(cost.median.text(0)) ms per 1,000"
    }
  }

  private static func figures(_ sides: [Side], kilobytes: Double) -> [Figure] {
    let names = ["a stored answer, same server", "HAProxy `http-request return`"]
    let bars = [0.8, 0.6]
    let what = "handshakes, 100 instances (\(kilobytes.text(0)) kB)"
    let rates = names.indices.map { index -> Figure in
      guard index + 1 < sides.count else {
        return Figure(what: what, ours: sides[0].text, peer: "\(names[index]): not installed")
      }
      let peer = sides[index + 1]
      let ratio = sides[0].rate.median / max(peer.rate.median, 1)
      return Figure(
        what: what, ours: sides[0].text, peer: "\(names[index]): \(peer.text)",
        bar: "\(ratio.text(2)) (≥ \(bars[index].text(1)))", verdict: .init(ratio >= bars[index]))
    }
    return rates + [processor(sides, what)]
  }

  private static func processor(_ sides: [Side], _ what: String) -> Figure {
    let what = "\(what): processor time for 1,000"
    let ours = sides[0].cost.text(" ms")
    guard sides.count > 2 else {
      return Figure(what: what, ours: ours, peer: "HAProxy: not installed")
    }
    let ratio = sides[0].cost.median / max(sides[2].cost.median, 0.001)
    return Figure(
      what: what, ours: ours, peer: "HAProxy: \(sides[2].cost.text(" ms"))",
      bar: "\(ratio.text(2)) of it (≤ 2.0)", verdict: .init(ratio <= 2))
  }

  /// Keeps the body of one answer in a file.
  ///
  /// - Returns: Its size in bytes.
  private static func keepAnswer(of address: Address, in file: String) throws -> Int {
    let loop = MultiThreadedEventLoopGroup.singleton.any()
    let (channel, answer) = try Visitor.exchange(
      address, Visitor.request("/v1/handshake"), until: "]}", on: loop
    ).wait()
    channel.close(promise: nil)
    guard let start = answer.firstRange(of: "\r\n\r\n")?.upperBound else {
      throw ProgramFailure("no handshake: \(answer)")
    }
    let body = String(answer[start...])
    try FileText.write(body, to: file)
    return body.utf8.count
  }
}

internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import NIOCore
internal import NIOPosix
internal import RealPrograms
internal import Synchronization

/// The tenth instance: it has a token that counts, and says what no honest instance says. The
/// others, their clients and their operators must not notice.
final class Liar: Sendable {
  let id: InstanceID
  private let deeds: Deeds
  private let listener: any Channel
  private let address: Address
  private let others: [InstanceID]

  /// - Parameter others: The honest instances, in whose names it asks to join as well.
  init(others: [InstanceID]) throws {
    let (id, deeds) = (try InstanceID("AOS10"), Deeds())
    (self.id, self.deeds, self.others) = (id, deeds, others)
    listener = try ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandler(LiarsConnection(id: id, deeds: deeds))
        }
      }
      .bind(host: "127.0.0.1", port: 0).wait()
    address = try Address(host: "127.0.0.1", port: listener.localAddress?.port ?? 0)
  }

  /// What it did, in a line of the report.
  var text: String {
    let (feeds, joins) = deeds.counts
    return "\(id) lied: on \(feeds) load feeds, in \(joins) joins"
  }

  /// Joins again and again, until the task is cancelled.
  func run(at balancers: [Address], token: String, transport: HTTPTransport) async {
    var number = 0
    while !Task.isCancelled {
      number += 1
      let balancer = ClusterConnection(
        .http(balancers[number % balancers.count]), token: token, transport: transport)
      // In the name of another now and then: with its own address, or with this one.
      let name = number % 5 == 0 ? others[number / 5 % others.count] : id
      let joining = JoinRequest(
        reach: InstanceReach(address),
        profile: InstanceProfile(
          role: .server(number % 2 == 0 ? .both : .batch), ownMaximum: number % 60),
        version: "9.9", startedAt: Timestamp(milliseconds: Int64(number)),
        obeys: DesiredAnswer(revision: Limits.revision, digest: "1:\(number)", desired: "a.b.c"))
      _ = try? await balancer.join(name, joining)
      deeds.joined()
      try? await Task.sleep(for: .milliseconds(200))
    }
    try? await listener.close()
  }
}

/// How often the liar did what.
final class Deeds: Sendable {
  private let state = Mutex((feeds: 0, joins: 0))

  var counts: (feeds: Int, joins: Int) { state.withLock { $0 } }

  func joined() { state.withLock { $0.joins += 1 } }

  /// - Returns: The number of this feed.
  func fed() -> Int {
    state.withLock { state in
      state.feeds += 1
      return state.feeds
    }
  }
}

/// One connection to the liar: whatever is asked, the answer is a lie.
private final class LiarsConnection: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let id: InstanceID
  private let deeds: Deeds
  private var head = ""
  /// Written for as long as somebody reads; nil: nothing.
  private var flood: ByteBuffer?

  private static let head =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n"
    + "Connection: close\r\n\r\n"

  init(id: InstanceID, deeds: Deeds) {
    (self.id, self.deeds) = (id, deeds)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard head.utf8.count < 65_536 else { return context.close(promise: nil) }
    head += String(buffer: unwrapInboundIn(data))
    guard head.contains("\r\n\r\n") else { return }
    let isFeed = head.hasPrefix("GET /v1/load")
    let isOrder = head.hasPrefix("PUT /v1/desired")
    head = ""
    if isFeed {
      lie(context)
    } else if isOrder {
      answer(context, 200, #"{"revision":\#(Limits.revision),"digest":"1:0"}"#)
    } else {
      answer(context, 503, Self.problem)
    }
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) { pour(context) }

  func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

  private static let problem =
    #"{"type":"urn:aos:problem:full","status":503,"detail":""#
    + String(repeating: "\u{754C}", count: 21_000) + #""}"#

  private func answer(_ context: ChannelHandlerContext, _ status: Int, _ body: String) {
    let text =
      "HTTP/1.1 \(status) Lie\r\nContent-Type: application/problem+json\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
  }

  /// Another lie with every feed.
  private func lie(_ context: ChannelHandlerContext) {
    let number = deeds.fed()
    let revision = number % 7 == 0 ? 0 : Limits.revision
    let hello = event(
      "hello",
      #"{"id":"\#(id)","cluster":"SOAK","role":"server","services":["application"],"#
        + #""maximum":50,"startedAt":"2026-01-01T00:00:00.000Z","version":"9","#
        + #""revision":\#(revision),"digest":"1:\#(number)"}"#)
    let lies = [
      hello, event("load", #"{"connected":900000}"#), event("load", #"{"connected":0}"#),
      event("obeys", #"{"revision":\#(Limits.revision)}"#), ": \n\n", "nothing: at all\n",
      event("load", "no JSON"),
    ]
    let isKept = number % 3 == 0
    let block = isKept ? "" : String(repeating: lies[number % lies.count], count: 200)
    let begin =
      number % 11 == 0
      ? "HTTP/1.1 401 Lie\r\nContent-Length: \(Self.problem.utf8.count)\r\n\r\n" + Self.problem
      : Self.head + hello + event("load", #"{"connected":0}"#)
    context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: begin)), promise: nil)
    if number % 11 != 0, !block.isEmpty { flood = ByteBuffer(string: block) }
    pour(context)
  }

  private func event(_ name: String, _ data: String) -> String {
    "event: \(name)\ndata: \(data)\n\n"
  }

  private func pour(_ context: ChannelHandlerContext) {
    guard let flood else { return }
    var count = 0
    while context.channel.isWritable, context.channel.isActive, count < 64 {
      context.writeAndFlush(wrapOutboundOut(flood), promise: nil)
      count += 1
    }
  }
}

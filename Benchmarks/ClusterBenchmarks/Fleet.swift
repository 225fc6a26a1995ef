internal import ClusterAPI
internal import ClusterModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOPosix
internal import RealPrograms
internal import Synchronization

/// Instances as a balancer sees them: real load feeds on loopback sockets, whose loads the
/// benchmark sets. A thousand of the real program would measure the machine and not the balancer.
///
/// As in a real cluster each has a host of its own, and all have the same port: 127.1.0.1:PORT,
/// 127.1.0.2:PORT and so on. One socket listens for all of them.
final class Fleet: Sendable {
  static let cluster = "BENCH"
  static let maximum = 65_535

  private struct State {
    var members: [Member] = []
    var hosts: [String: Member] = [:]
    var listener: (any Channel)?
  }

  private let state = Mutex(State())
  private let group = MultiThreadedEventLoopGroup.singleton

  var count: Int { state.withLock { $0.members.count } }

  static func name(_ index: Int) throws -> InstanceID {
    let digits = String(index + 1)
    return try InstanceID("AOS" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits)
  }

  private static func host(_ index: Int) -> String { "127.1.\(index / 250).\(index % 250 + 1)" }

  /// More instances listen; a cluster lets them join.
  ///
  /// - Returns: They, and their addresses.
  func grow(to count: Int) throws -> [(member: Member, address: Address)] {
    let listener = try state.withLock(\.listener) ?? listen()
    let port = listener.localAddress?.port ?? 0
    return try (self.count..<max(count, self.count)).map { index in
      let member = Member(id: try Self.name(index))
      state.withLock { state in
        state.members.append(member)
        state.hosts[Self.host(index)] = member
      }
      return (member, try Address(host: Self.host(index), port: port))
    }
  }

  private func listen() throws -> any Channel {
    let listener = try ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4_096)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          let host = channel.localAddress?.ipAddress ?? ""
          guard let member = self.state.withLock({ $0.hosts[host] }) else {
            throw ProgramFailure("no instance is at \(host)")
          }
          try channel.pipeline.syncOperations.addHandler(InstanceHandler(member))
        }
      }
      .bind(host: "0.0.0.0", port: 0).wait()
    state.withLock { $0.listener = listener }
    return listener
  }

  /// One instance reports how many sessions it has.
  func report(_ connected: Int, at index: Int) {
    let member = state.withLock { $0.members[index] }
    member.report(connected)
  }

  /// All have been told a list of servers, and for a while nobody has been told a newer one.
  func isTold(forSeconds seconds: Int) -> Bool {
    let told = state.withLock(\.members).map { $0.toldAt.load(ordering: .relaxed) }
    let limit = SteadyClock.nanoseconds - Int64(seconds) * 1_000_000_000
    return told.allSatisfy { $0 != 0 && $0 < limit }
  }

  /// Nobody listens any more.
  func close() {
    let closing = state.withLock { state in
      defer { state = State() }
      return state
    }
    closing.listener?.close(promise: nil)
    for member in closing.members { member.close() }
  }
}

/// One instance of the fleet.
final class Member: Sendable {
  let id: InstanceID
  let startedAt = Timestamp(milliseconds: 1_750_000_000_000)
  /// The order that it obeys; 0: it knows none.
  let revision = Atomic<Int64>(0)
  /// When it was last told a list of servers; 0: never.
  let toldAt = Atomic<Int64>(0)
  private let readers = Mutex<[any Channel]>([])

  init(id: InstanceID) { self.id = id }

  func report(_ connected: Int) {
    let data = #"{"connected":\#(connected),"tickets":[]}"#
    let bytes = InstanceHandler.chunk(
      ServerSentEvent(name: LoadEventName.load, data: data).bytes)
    for reader in readers.withLock({ $0 }) { reader.writeAndFlush(bytes, promise: nil) }
  }

  /// Obeys a signed order that came with a join or later.
  func obey(_ document: String) {
    _ = revision.max(Int64(Self.revision(in: document)), ordering: .relaxed)
  }

  /// The revision in a signed document; its signature is the business of real instances.
  private static func revision(in document: String) -> Int {
    let parts = document.split(separator: ".")
    guard parts.count == 3 else { return 0 }
    var text = parts[1].replacing("-", with: "+").replacing("_", with: "/")
    text += String(repeating: "=", count: (4 - text.count % 4) % 4)
    let claims = Data(base64Encoded: String(text)).map { String(decoding: $0, as: UTF8.self) }
    return FileText.number(after: "\"revision\":", in: claims ?? "") ?? 0
  }

  func begin(_ reader: any Channel) { readers.withLock { $0.append(reader) } }

  func end(_ reader: any Channel) { readers.withLock { $0.removeAll { $0 === reader } } }

  func close() {
    for reader in readers.withLock({ $0 }) { reader.close(promise: nil) }
  }
}

/// Speaks as much HTTP as a balancer asks of an instance.
private final class InstanceHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let member: Member
  private var bytes = ByteBuffer()
  /// The head whose body has not arrived whole.
  private var head: (text: String, bodyBytes: Int)?
  private var heartbeat: RepeatedTask?

  init(_ member: Member) { self.member = member }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var arrived = unwrapInboundIn(data)
    bytes.writeBuffer(&arrived)
    while let request = nextRequest() {
      answer(request.head, request.body, context.channel)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    heartbeat?.cancel()
    member.end(context.channel)
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    context.close(promise: nil)
  }

  private func nextRequest() -> (head: String, body: String)? {
    if head == nil {
      let text = String(decoding: bytes.readableBytesView.prefix(8_192), as: UTF8.self)
      guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
      let words = String(text[..<end.lowerBound]).lowercased()
      bytes.moveReaderIndex(forwardBy: words.utf8.count + 4)
      head = (words, FileText.number(after: "content-length:", in: words) ?? 0)
    }
    guard let (text, length) = head, let body = bytes.readString(length: length) else { return nil }
    head = nil
    // Nothing is kept for the next one, which may never come.
    if bytes.readableBytes == 0 { bytes = ByteBuffer() }
    return (text, body)
  }

  private func answer(_ head: String, _ body: String, _ channel: any Channel) {
    if head.hasPrefix("get /v1/load") {
      beginFeed(channel)
    } else if head.hasPrefix("put /v1/desired") {
      member.obey(body)
      let revision = member.revision.load(ordering: .relaxed)
      write(#"{"revision":\#(revision)}"#, status: "200 OK", channel)
    } else if head.hasPrefix("put /v1/servers") {
      member.toldAt.store(SteadyClock.nanoseconds, ordering: .relaxed)
      write("", status: "204 No Content", channel)
    } else {
      write("{}", status: "404 Not Found", channel)
    }
  }

  private func write(_ body: String, status: String, _ channel: any Channel) {
    channel.writeAndFlush(
      ByteBuffer(
        string: "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\n"
          + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"), promise: nil)
  }

  private func beginFeed(_ channel: any Channel) {
    channel.write(
      ByteBuffer(
        string: "HTTP/1.1 200 OK\r\nContent-Type: \(ServerSentEvent.contentType)\r\n"
          + "Transfer-Encoding: chunked\r\n\r\n"), promise: nil)
    let hello = LoadHello(
      id: member.id, cluster: Fleet.cluster,
      profile: InstanceProfile(role: .server(.application), ownMaximum: Fleet.maximum),
      startedAt: member.startedAt, version: ProgramVersion.current,
      revision: member.revision.load(ordering: .relaxed))
    if let data = try? WireJSON.encode(hello) {
      let event = ServerSentEvent(
        name: LoadEventName.hello, data: String(decoding: data, as: UTF8.self))
      channel.write(Self.chunk(event.bytes), promise: nil)
    }
    member.begin(channel)
    member.report(0)
    let beat = Self.chunk(ServerSentEvent.heartbeat)
    heartbeat = channel.eventLoop.scheduleRepeatedTask(
      initialDelay: .milliseconds(.random(in: 0..<1_000)), delay: .seconds(1)
    ) { _ in channel.writeAndFlush(beat, promise: nil) }
  }

  static func chunk(_ event: [UInt8]) -> ByteBuffer {
    var bytes = ByteBuffer(string: String(event.count, radix: 16) + "\r\n")
    bytes.writeBytes(event)
    bytes.writeString("\r\n")
    return bytes
  }
}

internal import ClusterAPI
internal import ClusterModel
internal import FoundationEssentials
internal import NIOCore
internal import NIOPosix
internal import RealPrograms
internal import Synchronization

/// Instances as a balancer sees them: real load feeds on loopback sockets, whose loads the
/// benchmark sets. A thousand of the real program would measure the machine and not the balancer.
final class Fleet: Sendable {
  static let cluster = "BENCH"
  static let maximum = 65_535

  private let members = Mutex<[Member]>([])
  private let group = MultiThreadedEventLoopGroup.singleton

  var count: Int { members.withLock { $0.count } }

  static func name(_ index: Int) throws -> InstanceID {
    let digits = String(index + 1)
    return try InstanceID("AOS" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits)
  }

  /// More instances listen; a cluster lets them join.
  ///
  /// - Returns: Their names and addresses.
  func grow(to count: Int) throws -> [(id: InstanceID, address: Address)] {
    try (self.count..<max(count, self.count)).map { index in
      let member = Member(id: try Self.name(index))
      let listener = try ServerBootstrap(group: group)
        .serverChannelOption(.backlog, value: 64)
        .childChannelInitializer { channel in
          channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandler(InstanceHandler(member))
          }
        }
        .bind(host: "127.0.0.1", port: 0).wait()
      member.listener.withLock { $0 = listener }
      members.withLock { $0.append(member) }
      let port = listener.localAddress?.port ?? 0
      return (member.id, try Address(host: "127.0.0.1", port: port))
    }
  }

  /// One instance reports how many sessions it has.
  func report(_ connected: Int, at index: Int) {
    let member = members.withLock { $0[index] }
    member.report(connected)
  }

  /// Nobody listens any more.
  func close() {
    let closing = members.withLock { members in
      defer { members = [] }
      return members
    }
    for member in closing { member.close() }
  }
}

/// One instance of the fleet.
final class Member: Sendable {
  let id: InstanceID
  let startedAt = Timestamp(milliseconds: 1_750_000_000_000)
  let listener = Mutex<(any Channel)?>(nil)
  private let readers = Mutex<[any Channel]>([])

  init(id: InstanceID) { self.id = id }

  func report(_ connected: Int) {
    let data = #"{"connected":\#(connected),"tickets":[]}"#
    let bytes = InstanceHandler.chunk(
      ServerSentEvent(name: LoadEventName.load, data: data).bytes)
    for reader in readers.withLock({ $0 }) { reader.writeAndFlush(bytes, promise: nil) }
  }

  func begin(_ reader: any Channel) { readers.withLock { $0.append(reader) } }

  func end(_ reader: any Channel) { readers.withLock { $0.removeAll { $0 === reader } } }

  func close() {
    listener.withLock { $0 }?.close(promise: nil)
    for reader in readers.withLock({ $0 }) { reader.close(promise: nil) }
  }
}

/// Speaks as much HTTP as a balancer asks of an instance.
private final class InstanceHandler: ChannelInboundHandler {
  typealias InboundIn = ByteBuffer

  private let member: Member
  private var bytes = ByteBuffer()
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
    let text = String(decoding: bytes.readableBytesView, as: UTF8.self)
    guard let end = text.firstRange(of: "\r\n\r\n") else { return nil }
    let head = String(text[..<end.lowerBound]).lowercased()
    let length = FileText.number(after: "content-length:", in: head) ?? 0
    let size = head.utf8.count + 4
    guard bytes.readableBytes >= size + length else { return nil }
    bytes.moveReaderIndex(forwardBy: size)
    return (head, bytes.readString(length: length) ?? "")
  }

  private func answer(_ head: String, _ body: String, _ channel: any Channel) {
    if head.hasPrefix("get /v1/load") {
      beginFeed(channel)
    } else if head.hasPrefix("put /v1/desired") {
      write(#"{"revision":\#(Self.revision(in: body))}"#, status: "200 OK", channel)
    } else if head.hasPrefix("put /v1/servers") {
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
      startedAt: member.startedAt, version: ProgramVersion.current, revision: 0)
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

  /// The revision in a signed document; its signature is the business of real instances.
  private static func revision(in document: String) -> Int {
    let parts = document.split(separator: ".")
    guard parts.count == 3 else { return 0 }
    var text = parts[1].replacing("-", with: "+").replacing("_", with: "/")
    text += String(repeating: "=", count: (4 - text.count % 4) % 4)
    let claims = Data(base64Encoded: String(text)).map { String(decoding: $0, as: UTF8.self) }
    return FileText.number(after: "\"revision\":", in: claims ?? "") ?? 0
  }
}

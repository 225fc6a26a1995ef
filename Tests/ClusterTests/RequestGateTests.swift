import ClusterModel
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import ServiceSupport

/// What is around the HTTP decoder of a connection, without a socket.
@Suite("A connection")
struct RequestGateTests {
  private typealias Part = HTTPServerRequestPart

  /// Counts how often the socket would be read.
  private final class Socket: ChannelOutboundHandler {
    typealias OutboundIn = Any
    var reads = 0

    func read(context: ChannelHandlerContext) { reads += 1 }
  }

  private let channel: EmbeddedChannel
  private let socket = Socket()

  init() throws {
    let gate = RequestGate()
    channel = EmbeddedChannel(handlers: [
      socket, HTTPResponseEncoder(), gate, ByteToMessageHandler(HTTPRequestDecoder()),
      FrontDoor(gate),
    ])
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  }

  private func receive(_ text: String) throws {
    try channel.writeInbound(ByteBuffer(string: text))
    channel.pipeline.read()
  }

  /// The heads that went on to routes since the last call.
  private func heads() throws -> [String] {
    var heads: [String] = []
    while let part = try channel.readInbound(as: Part.self) {
      if case .head(let head) = part { heads.append(head.uri) }
    }
    return heads
  }

  private func answer() throws {
    var head = HTTPResponseHead(version: .http1_1, status: .ok)
    head.headers.add(name: "Content-Length", value: "0")
    try channel.writeOutbound(HTTPServerResponsePart.head(head))
    try channel.writeOutbound(HTTPServerResponsePart.end(nil))
    channel.embeddedEventLoop.run()
  }

  @Test("has one request at a time decoded, and is not read while others wait behind an answer")
  func oneByOne() throws {
    let requests = (0..<200).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
    try receive(requests)
    let reads = socket.reads
    for number in 0..<200 {
      #expect(try heads() == ["/\(number)"])
      // Behind the last one nothing waits, and the end of the peer is seen by reading.
      if number < 199 { channel.pipeline.read() }
      #expect((socket.reads == reads) == (number < 199), "\(number) is not answered")
      try answer()
    }
  }

  @Test(
    "is cut into requests wherever its bytes are cut",
    arguments: [1, 2, 3, 7, 19, 50])
  func pieces(length: Int) throws {
    let body = "POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\na\n\nb\r\n\r\nc"
    let chunks =
      "POST /chunks HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "3\r\n\r\n\n\r\n0\r\n\r\n"
    let text = body + chunks + "GET /last HTTP/1.1\r\nHost: x\r\n\r\n"
    var seen: [String] = []
    var rest = Substring(text).utf8
    while !rest.isEmpty {
      try channel.writeInbound(ByteBuffer(bytes: rest.prefix(length)))
      channel.pipeline.read()
      rest = rest.dropFirst(length)
      let heads = try heads()
      seen += heads
      #expect(heads.count <= 1)
      if !heads.isEmpty { try answer() }
    }
    for _ in 0..<3 where seen.count < 3 {
      channel.pipeline.read()
      seen += try heads()
      try answer()
    }
    #expect(seen == ["/body", "/chunks", "/last"])
  }

  @Test("whose peer has closed its side ends at once, and its last requests are answered")
  func halfClosed() throws {
    try receive(String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 3))
    channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
    for _ in 0..<3 {
      #expect(try heads() == ["/"])
      try answer()
    }
  }

  @Test("is closed where more waits behind an answer than anybody needs")
  func tooMuch() throws {
    let requests = String(repeating: "GET / HTTP/1.1\r\nHost: x\r\n\r\n", count: 300)
    for _ in 0..<10 where channel.isActive { try receive(requests) }
    #expect(!channel.isActive)
  }

  @Test(
    "ends where a request sends more besides its body than anybody needs",
    arguments: HostileRequest.all)
  func excess(request: HostileRequest) throws {
    try receive(request.head)
    var sent = request.head.utf8.count
    let more = request.more(bytes: 1_000)
    #expect(throws: ExcessBytes.self) {
      while sent < 1 << 20 {
        sent += more.utf8.count
        try receive(more)
      }
    }
    // Half of it may be body.
    #expect((Limits.aroundBodyBytes...Limits.aroundBodyBytes * 2).contains(sent))
    _ = try heads()
    try receive(request.head + "\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(try heads().isEmpty)
  }

  @Test("is closed where it sends on and on behind its last answer")
  func thrownAway() throws {
    try receive("GET /one HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    let more = String(repeating: "x", count: 1 << 20)
    for _ in 0..<(Limits.thrownAwayBytes >> 20) { try receive(more) }
    #expect(channel.isActive)
    try receive("x")
    #expect(!channel.isActive)
  }

  @Test("takes long bodies in short chunks, and any number of requests with much around each")
  func honest() throws {
    let chunks = String(repeating: "8\r\n12345678\r\n", count: 100)
    for number in 0..<3 {
      try receive(String(repeating: "\r\n", count: 15_000))
      try receive("POST /\(number) HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
      for _ in 0..<1_000 { try receive(chunks) }
      try receive("0\r\n\r\n")
      #expect(try heads() == ["/\(number)"])
      try answer()
    }
    #expect(channel.isActive)
  }

  @Test(
    "that leaves HTTP behind is read no further, whatever still comes",
    arguments: ["Connection: upgrade\r\nUpgrade: h2c", "Connection: close"])
  func upgrade(fields: String) throws {
    try receive("GET /one HTTP/1.1\r\nHost: x\r\n\(fields)\r\n\r\nGET /two HTTP/1.1\r\n\r\n")
    #expect(try heads() == ["/one"])
    for _ in 0..<100 { try receive(String(repeating: "x", count: 10_000)) }
    try answer()
    #expect(try heads() == [])
    var written = ""
    while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
      written += String(buffer: bytes)
    }
    #expect(written.lowercased().contains("connection: close"))
  }

  @Test(
    "finds the end of an empty line wherever it is cut",
    arguments: [
      ("a\r\n\r\nb", [5]), ("a\n\nb", [3]), ("\r\n\r\n", [4]), ("a\r\nb\r\n", []),
      ("a\n\r\n\n", [4, 5]), ("a\n\rb\n", []), ("\n", []), ("", []),
    ])
  func emptyLines(text: String, ends: [Int]) {
    var lines = EmptyLines()
    var found: [Int] = []
    for (index, byte) in text.utf8.enumerated() {
      let end = withUnsafeBytes(of: byte) { lines.end(in: $0) }
      if end != nil { found.append(index + 1) }
    }
    #expect(found == ends)
  }
}

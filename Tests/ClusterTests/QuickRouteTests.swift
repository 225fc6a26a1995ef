import ClusterModel
import Foundation
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import ServiceSupport

/// Which requests a quick route sees, without a socket.
@Suite("A quick route")
struct QuickRouteTests {
  private typealias Part = HTTPServerRequestPart

  private let channel: EmbeddedChannel
  private let limits = ServiceLimits()

  init() throws {
    let gate = RequestGate()
    let quick = QuickRoute(path: "/quick", longestBody: 10) { body, _ in
      // Says how much it has read; "pass" is too much for it.
      let text = String(buffer: body)
      return text == "pass" ? nil : ByteBuffer(string: "<\(text)>")
    }
    channel = EmbeddedChannel(handlers: [
      HTTPResponseEncoder(), gate, ByteToMessageHandler(HTTPRequestDecoder()),
      ConnectionLimiter(
        limits,
        ConnectionCounter(
          limits: limits, reserve: DescriptorReserve(limit: 1 << 20, isForOperators: false),
          logger: Logger(label: "test"))),
      FrontDoor(gate, quick: quick),
    ])
    try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
  }

  private func receive(_ text: String) throws {
    try channel.writeInbound(ByteBuffer(string: text))
    channel.embeddedEventLoop.run()
  }

  private func answered() throws -> String {
    var text = ""
    while let bytes = try channel.readOutbound(as: ByteBuffer.self) {
      text += String(buffer: bytes)
    }
    return text
  }

  /// What went on to the general server.
  private func passed() throws -> String {
    var text = ""
    while let part = try channel.readInbound(as: Part.self) {
      switch part {
      case .head(let head): text += "\(head.method) \(head.uri) "
      case .body(let bytes): text += String(buffer: bytes)
      case .end: text += "."
      }
    }
    return text
  }

  private static func post(_ body: String, _ fields: String = "") -> String {
    "POST /quick HTTP/1.1\r\nHost: x\r\n\(fields)Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }

  @Test("answers a plain request, and the next one on the same connection")
  func plain() throws {
    for body in ["abc", "", "0123456789"] {
      try receive(Self.post(body))
      let answer = try answered()
      #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
      #expect(answer.contains("Content-Length: \(body.utf8.count + 2)\r\n"))
      #expect(answer.hasSuffix("\r\n\r\n<\(body)>"))
      #expect(try passed().isEmpty)
    }
    try receive("POST /quick HTTP/1.1\r\nHost: x\r\n\r\n")
    #expect(try answered().hasSuffix("<>"))
  }

  static let unusual = [
    post("pass"), post("01234567890"), post("abc", "Connection: close\r\n"),
    post("abc", "Origin: http://x\r\n"), post("abc", "Expect: 100-continue\r\n"),
    post("abc", "Upgrade: x\r\n"),
    "POST /quick?a=1 HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    "POST /quick/ HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    "PUT /quick HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
    "GET /quick HTTP/1.1\r\nHost: x\r\n\r\n", "HEAD /quick HTTP/1.1\r\nHost: x\r\n\r\n",
    "POST /quick HTTP/1.0\r\nContent-Length: 3\r\n\r\nabc",
    "POST /quick HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
  ]

  @Test("leaves every other request as it was sent to the general server", arguments: unusual)
  func others(request: String) throws {
    try receive(request)
    #expect(try answered().isEmpty)
    let words = request.split(separator: " ")
    let body = request.contains("chunked") ? "abc" : request.components(separatedBy: "\r\n\r\n")[1]
    #expect(try passed() == "\(words[0]) \(words[1]) \(body).")
  }

  @Test("leaves a request whose body comes later to the general server, with all of it")
  func later() throws {
    let request = Self.post("abc")
    try receive(String(request.dropLast(2)))
    #expect(try passed() == "POST /quick a")
    try receive("bc")
    #expect(try passed() == "bc.")
    #expect(try answered().isEmpty)
  }

  @Test("counts what each request sends besides its body by itself")
  func besides() throws {
    let lines = String(repeating: "\r\n", count: Limits.aroundBodyBytes / 4)
    for _ in 0..<4 {
      try receive(lines)
      channel.pipeline.read()
      try receive(Self.post("abc"))
      #expect(try answered().hasSuffix("<abc>"))
    }
  }

  @Test("waits with further answers until the peer takes those that it has")
  func stalled() throws {
    channel.isWritable = false
    try receive(Self.post("abc"))
    try receive(Self.post("def"))
    #expect(try answered().hasSuffix("<abc>"))
    channel.isWritable = true
    channel.pipeline.fireChannelWritabilityChanged()
    channel.embeddedEventLoop.run()
    channel.pipeline.read()
    channel.embeddedEventLoop.run()
    #expect(try answered().hasSuffix("<def>"))
  }

  @Test("ends a connection that is idle since its last answer, and no other")
  func idle() throws {
    // The first head has a limit of its own.
    try receive(Self.post("abc"))
    #expect(try answered().hasSuffix("<abc>"))
    for _ in 0..<3 {
      channel.embeddedEventLoop.advanceTime(by: .milliseconds(limits.idleMilliseconds - 1))
      #expect(channel.isActive)
      try receive(Self.post("abc"))
      #expect(try answered().hasSuffix("<abc>"))
    }
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(limits.idleMilliseconds - 1))
    #expect(channel.isActive)
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(!channel.isActive)
  }

  @Test("waits no longer for a body than the general server does")
  func slowBody() throws {
    try receive(Self.post("abc"))
    try receive(String(Self.post("abc").dropLast(1)))
    #expect(try passed() == "POST /quick ab")
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(limits.bodyMilliseconds - 1))
    try channel.throwIfErrorCaught()
    channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
    #expect(throws: SlowBody.self) { try channel.throwIfErrorCaught() }
  }

  @Test("writes the date as HTTP has it")
  func date() throws {
    let date = AnswerDate()
    #expect(
      try date.text(at: #require(Timestamp("1994-11-06T08:49:37.999Z")))
        == "Sun, 06 Nov 1994 08:49:37 GMT")
    #expect(
      try date.text(at: #require(Timestamp("2026-02-28T23:59:59.000Z")))
        == "Sat, 28 Feb 2026 23:59:59 GMT")
  }
}

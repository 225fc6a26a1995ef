import ClusterAPI
import ClusterClient
import ClusterModel
import Foundation
import InstanceService
import ServiceSupport
import TestSupport

extension InstanceFixture {
  /// Runs a test on an instance that leads to an application.
  ///
  /// - Parameter application: Nil: to none.
  static func run(
    to application: Address?, tls: Bool = false, maximum: Int = 10,
    limits: ServiceLimits = ServiceLimits(),
    change: (inout InstanceConfiguration) throws -> Void = { _ in },
    _ test: (InstanceFixture) async throws -> Void
  ) async throws {
    try await TestCertificate.withFolder { folder in
      try await run(maximum: maximum, joined: false, limits: limits) { fixture in
        await fixture.kill()
        var configuration = fixture.configuration(maximum: maximum)
        configuration.application = application.map { .tcp($0) }
        if tls {
          let own = try TestCertificate(in: folder)
          configuration.tls = try own.identity
          fixture.secure = .patient(authorities: try own.authorities)
        }
        // A test counts its own connections; those about the checks turn them on.
        (configuration.checksApplication, configuration.guardsApplication) = (false, false)
        try change(&configuration)
        try await fixture.start(configuration)
        try await fixture.obey()
        try await test(fixture)
      }
    }
  }

  /// Opens a connection without any library.
  ///
  /// - Parameters:
  ///   - credentials: As they are before they are encoded; nil: none.
  ///   - more: Sent together with the head.
  /// - Returns: The head of the answer, and the connection behind it.
  func connect(
    _ credentials: String?, fields: String = "", version: String = "1.1", more: String = ""
  ) async throws -> (head: String, socket: BlockingSocket) {
    let socket = try BlockingSocket(to: address)
    let head = Self.head(credentials, fields: fields, version: version)
    return await onThread {
      socket.send(head + more)
      return (socket.receive(until: "\r\n\r\n"), socket)
    }
  }

  static func head(
    _ credentials: String?, fields: String = "", version: String = "1.1"
  ) -> String {
    let field = credentials.map {
      "Proxy-Authorization: Basic \(Data($0.utf8).base64EncodedString())\r\n"
    }
    return "CONNECT app:1 HTTP/\(version)\r\nHost: app:1\r\n\(field ?? "")\(fields)\r\n"
  }

  /// The one session that is open.
  func onlySession() async throws -> SessionInfo? {
    let sessions = try await operators.ownSessions()
    return sessions.count == 1 ? sessions[0] : nil
  }
}

extension SessionOpened {
  /// What a connection inside of it shows.
  var credentials: String { "\(session):\(secret)" }
}

extension ApplicationStream {
  /// Reads this many bytes, or all there are.
  func read(_ wanted: Int = .max) async throws -> [UInt8] {
    var bytes: [UInt8] = []
    var pieces = self.bytes.makeAsyncIterator()
    while bytes.count < wanted, let piece = try await pieces.next() { bytes += piece }
    return bytes
  }

  /// Writes in pieces, and closes this side.
  func writeAll(_ bytes: [UInt8]) async throws {
    for start in stride(from: 0, to: bytes.count, by: 50_000) {
      try await write(bytes[start..<min(start + 50_000, bytes.count)])
    }
    finish()
  }
}

import ClusterClient
import ClusterModel
import Foundation
import Testing

@Suite("What a program shows to balancers on other machines")
struct RemoteAccessTests {
  /// A file that goes with the test.
  private static func withFile(
    _ text: String, mode: Int = 0o600, _ body: (String) throws -> Void
  ) throws {
    let path = FileManager.default.temporaryDirectory.path + "/aos-\(UUID().uuidString)"
    try Data(text.utf8).write(to: URL(filePath: path))
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    defer { try? FileManager.default.removeItem(atPath: path) }
    try body(path)
  }

  private func read(_ path: String) -> Result<String, InvalidValue> {
    Result { () throws(InvalidValue) in try TokenFile(path).read() }
  }

  @Test(
    "a token is read without the line end that every editor leaves",
    arguments: ["aos_1_x", "aos_1_x\n", "aos_1_x\r\n", "  aos_1_x \t\n\n"])
  func token(text: String) throws {
    try Self.withFile(text) { (path: String) throws in
      let token = try read(path).get()
      #expect(token == "aos_1_x")
    }
  }

  @Test(
    "a file that everybody on the machine can open is refused, one of a group is not",
    arguments: [
      (0o600, true), (0o400, true), (0o640, true), (0o644, false), (0o604, false),
      (0o602, false), (0o777, false),
    ])
  func mode(mode: Int, isFine: Bool) throws {
    try Self.withFile("aos_1_x", mode: mode) { path in
      switch read(path) {
      case .success(let token): #expect(isFine && token == "aos_1_x")
      case .failure(let error):
        #expect(!isFine)
        #expect("\(error)".contains(mode & 0o002 == 0 ? "chmod 600 \(path)" : "chmod o-w \(path)"))
      }
    }
  }

  @Test(
    "what is not a single token is refused, and not repeated",
    arguments: [
      "", "\n", "secret1 secret2", "secret1\nsecret2", "sécret1", "secret1\u{0}",
      String(repeating: "secret1", count: 1_000),
    ])
  func content(text: String) throws {
    try Self.withFile(text) { path in
      guard case .failure(let error) = read(path) else {
        Issue.record("it was read")
        return
      }
      #expect(error.field == "--token-file")
      #expect(!"\(error)".contains("cret1"))
    }
  }

  @Test("a file that is missing, or is a folder, is named")
  func missing() {
    for path in ["/nowhere/token", "/tmp"] {
      guard case .failure(let error) = read(path) else {
        Issue.record("\(path) was read")
        continue
      }
      #expect("\(error)".contains(path))
    }
  }

  @Test("the option overrides the variable, and a wrong variable is named")
  func environment() throws {
    try Self.withFile("aos_1_x") { (path: String) throws in
      let both = try RemoteAccess(
        tokenFile: path, caFile: nil, allowsPlaintext: false,
        environment: ["AOS_TOKEN_FILE": "/nowhere"])
      #expect(both.token == "aos_1_x")
      let variable = try RemoteAccess(
        tokenFile: nil, caFile: nil, allowsPlaintext: false, environment: ["AOS_TOKEN_FILE": path])
      #expect(variable.token == "aos_1_x")
    }
    for (name, value) in [("AOS_TOKEN_FILE", "/nowhere"), ("AOS_CA_FILE", "/nowhere")] {
      let error = #expect(throws: InvalidValue.self) {
        try RemoteAccess(
          tokenFile: nil, caFile: nil, allowsPlaintext: false, environment: [name: value])
      }
      #expect(error?.field == name)
    }
    let none = try RemoteAccess(
      tokenFile: nil, caFile: nil, allowsPlaintext: false,
      environment: ["AOS_TOKEN_FILE": "", "AOS_CA_FILE": ""])
    #expect(none.token == nil && none.authorities == nil)
  }

  @Test("a file of authorities holds certificates, or is refused", arguments: ["", "nonsense"])
  func authorities(text: String) throws {
    try Self.withFile(text) { path in
      let error = #expect(throws: InvalidValue.self) { try CertificateAuthorities(file: path) }
      #expect("\(error as Any)".contains("holds no certificates in PEM"))
    }
  }

  @Test(
    "a token goes over the network in plain text only where that is allowed",
    arguments: [
      ("http://127.0.0.1:1", true), ("http://127.8.8.8:1", true), ("http://localhost:1", true),
      ("http://[::1]:1", true), ("https://lb1:1", true), ("unix:///run/x", true),
      ("http://lb1:1", false), ("http://10.0.0.1:1", false), ("http://127.0.0.1.example:1", false),
      ("http://[::2]:1", false),
    ])
  func plaintext(name: String, isFine: Bool) async throws {
    let endpoint = try Endpoint(name)
    let transport = HTTPTransport()
    let access = RemoteAccess(token: "secret")
    let refusal = Result { () throws(InvalidValue) in try access.check([endpoint]) }
    switch refusal {
    case .success: #expect(isFine)
    case .failure(let error):
      #expect(!isFine)
      #expect("\(error)".contains("plain text"))
      #expect(!"\(error)".contains("secret"))
    }
    let shown = access.connection(to: endpoint, over: transport).token
    #expect(shown == (isFine ? "secret" : nil), "and whatever was checked, it is not sent")
    let allowed = RemoteAccess(token: "secret", allowsPlaintext: true)
    try allowed.check([endpoint])
    #expect(allowed.connection(to: endpoint, over: transport).token == "secret")
    try RemoteAccess().check([endpoint])
    await transport.shutDown()
  }
}

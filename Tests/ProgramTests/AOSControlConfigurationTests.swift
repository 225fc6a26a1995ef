import ClusterClient
import ClusterModel
import Foundation
import ScriptedServer
import Testing

@Suite("aosctl and the files of Dynamics AX", .timeLimit(.minutes(2)))
struct AOSControlConfigurationTests {
  private func withFile<Value>(
    _ bytes: [UInt8], _ body: (String) async throws -> Value
  ) async throws -> Value {
    let path = NSTemporaryDirectory() + "aosctl-\(UUID().uuidString).axc"
    try Data(bytes).write(to: URL(fileURLWithPath: path))
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await body(path)
  }

  private static func file(_ address: Address) -> [UInt8] {
    let text = """
      \r
      Configuration export file for Dynamics\r
      Formatversion: 1\r
      Configuration: Other\r
          aos2,Text,broken:99999\r
          hascomputerfile,Int,none\r
      Configuration: PROD\r
          startupmsg,Text,Good morning,\r
      please log off by 18:00\r
          aos2,text,@\(address);;\r
          wsdlport,Text,;;\r
          company,Text,
      """
    return Array(text.utf8) + [0x4B, 0xF6, 0x6C, 0x6E, 13, 10]  // code page 1252
      + Array("Configuration: PROD\r\n    aos2,Text,second:1\r\n".utf8)
  }

  @Test("connect needs the lines of its own configuration alone")
  func connect() async throws {
    try await ScriptedServer.run(script: AOSControlConnectTests.cluster) { server in
      let address = try server.address
      try await withFile(Self.file(address)) { path in
        let run = try await aosctl(
          "connect", "--config", path, "--configuration", "PROD", "--hold", "0")
        #expect(run.status == 0)
        #expect(run.lines.first == "asking \(address) (entry 1 of 1)")
        #expect(
          run.errors == "aosctl: warning: \(path) holds 2 configurations named PROD; "
            + "the one in line 7 is used\n")
        let other = try await aosctl("connect", "--config", path, "--configuration", "Other")
        #expect(other.status == 1)
        #expect(other.errors == "aosctl: \(path):5: aos2 entry 1 has a port outside 1 to 65535\n")
        let none = try await aosctl("connect", "--config", path)
        #expect(none.status == 1)
        #expect(none.errors.contains("name one with --configuration: Other, PROD"))
      }
    }
  }

  @Test("config check tells what is wrong, the worst first")
  func check() async throws {
    try await ScriptedServer.run(script: AOSControlConnectTests.cluster) { server in
      try await withFile(Self.file(try server.address)) { path in
        let run = try await aosctl("config", "check", path)
        #expect(run.status == 1)
        #expect(run.lines.first == "\(path):5: aos2 entry 1 has a port outside 1 to 65535")
        #expect(
          run.lines.suffix(3) == [
            "\(path):6: the value is not a whole number (warning)",
            "\(path):12: is not UTF-8 (warning)",
            "\(path):13: a configuration of this name is in line 7; that one is used (warning)",
          ])
        #expect(run.output.contains("load balancer LB1 of cluster PROD"))
        let json = try await aosctl("config", "check", path, "--json")
        let report = try JSONSerialization.jsonObject(with: Data(json.output.utf8))
        let faults = (report as? [String: Any])?["faults"] as? [[String: Any]]
        let severities = faults?.compactMap { $0["severity"] as? String }
        #expect(severities == ["error", "warning", "warning", "warning"])
      }
    }
  }
}

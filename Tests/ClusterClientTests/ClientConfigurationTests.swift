import ClusterClient
import ClusterModel
import Foundation
import Testing

/// How a file can be written.
enum Encoding: String, CaseIterable, CustomTestStringConvertible {
  case utf8, utf8WithMark, utf16LittleEndian, utf16BigEndian, utf16WithoutMark

  var testDescription: String { rawValue }

  func bytes(_ text: String) -> [UInt8] {
    switch self {
    case .utf8: Array(text.utf8)
    case .utf8WithMark: [0xEF, 0xBB, 0xBF] + text.utf8
    case .utf16LittleEndian:
      [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    case .utf16BigEndian: [0xFE, 0xFF] + text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 255)] }
    case .utf16WithoutMark: text.utf16.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    }
  }
}

private func file(_ lines: String...) -> String {
  (["Configuration export file", "Formatversion: 1"] + lines).joined(separator: "\r\n") + "\r\n"
}

@Suite("Client configurations (.axc)")
struct ClientConfigurationTests {
  static let sound = file(
    "Configuration: Müller", "    aosencryption,Text,1",
    "    aos2,Text,LB1@axhost01:2712;axhost02;[fe80::1]:2714", "    wsdlport,Text,8101;8102",
    "    extra,Int,0", "Configuration: TEST", "    aos2,Text,AX2012R3_PROD@AXHOST07:2713",
    "    wsdlport,Text,8102")

  @Test("a file is read in every encoding", arguments: Encoding.allCases)
  func encodings(encoding: Encoding) throws {
    let read = ClientConfigurationFile(encoding.bytes(Self.sound))
    #expect(read.faults == [])
    #expect(read.configurations.map(\.name) == ["Müller", "TEST"])
    let first = try #require(read.configurations.first)
    #expect(
      first.entries.map(\.description) == ["LB1@axhost01:2712", "axhost02:2712", "[fe80::1]:2714"])
    #expect(first.entries.map(\.wsdlPort) == [8101, 8102, nil])
    #expect(first.entries.map(\.instance) == ["LB1", nil, nil])
  }

  @Test("lines end in CRLF, LF or CR", arguments: ["\r\n", "\n", "\r"])
  func lineEnds(end: String) {
    let text = Self.sound.replacingOccurrences(of: "\r\n", with: end)
    #expect(
      ClientConfigurationFile(Array(text.utf8)) == ClientConfigurationFile(Array(Self.sound.utf8)))
  }

  @Test(
    "each fault names its line",
    arguments: [
      (
        file("Configuration: A", "aos2,Text,host:0"),
        "line 4: aos2 entry 1 has a port outside 1 to 65535"
      ),
      (file("Configuration: A", "aos2,Text,a;;b"), "line 4: aos2 entry 2 is empty"),
      (file("Configuration: A", "aos2,Text,@"), "line 4: aos2 entry 1 has no host"),
      (file("Configuration: A", "aos2,host"), "line 4: aos2 is not NAME,TYPE,VALUE"),
      (file("Configuration: A", "aos2,Text,x@"), "line 4: aos2 entry 1 has no host"),
      (
        file("Configuration: A", "aos2,Text,AOS@host:2712:8101"),
        "line 4: aos2 entry 1 has two ports; ports for web services belong in wsdlport"
      ),
      (file("Configuration: A", "aos2,Int,5"), "line 4: aos2 must have the type Text"),
      (file("Configuration: A", "aos2,Text,"), "line 4: aos2 names no server"),
      (file("Configuration: A", "aos2,Text,a", "aos2,Text,b"), "line 5: aos2 is given twice"),
      (
        file("Configuration: A", "aos2,Text,a", "wsdlport,Text,1;2"),
        "line 5: wsdlport names more ports than aos2 names servers"
      ),
      (
        file("Configuration: A", "aos2,Text,a", "wsdlport,Text,x"),
        "line 5: wsdlport entry 1 is not a port from 1 to 65535"
      ),
      (
        file("Configuration: A", "other,Text,1"), "line 3: the configuration names no server (aos2)"
      ),
      (file("Configuration:", "aos2,Text,a"), "line 3: the configuration has no name"),
      (file("aos2,Text,a"), "line 3: comes before the first \"Configuration:\""),
      (file("Configuration: A", "aos2,Text,a", "nonsense"), "line 5: is not NAME,TYPE,VALUE"),
      (
        file("Configuration: A", "aos2,Text,a", "x,Int,y"),
        "line 5: the value is not a whole number"
      ),
      (
        file("Configuration: A", "aos2,Text,a", "x,Blob,y"),
        "line 5: the type is neither Text nor Int"
      ),
      (
        file("Configuration: A", "aos2,Text,a\u{1B}[2J"),
        "line 4: holds a control character or a direction mark"
      ),
      (
        "title\nFormatversion: 2\nConfiguration: A\naos2,Text,a",
        "line 2: the format version is not 1"
      ),
      ("", "line 1: the file holds no configuration"),
    ])
  func faults(text: String, fault: String) {
    #expect(ClientConfigurationFile(Array(text.utf8)).faults.first?.description == fault)
  }

  @Test("one faulty line hides no other")
  func allFaults() {
    let text = file(
      "Configuration: A", "aos2,Text,a:0;b:1;c:x", "Configuration: B", "aos2,Text,d", "what")
    let read = ClientConfigurationFile(Array(text.utf8))
    #expect(read.faults.map(\.line) == [4, 4, 7])
    #expect(read.configurations.map(\.name) == ["A", "B"])
    #expect(read.faults.map(\.isError) == [true, true, false])
  }

  @Test(
    "what no client needs is not an error, and the servers are read",
    arguments: [
      ["x,Int,y"], ["x,Blob,y"], ["x,Text,\u{7}"], ["nonsense"], ["wsdlport,Text,x;8102"],
      ["wsdlport,Int,8101"], ["wsdlport,Text,1;2;3"], ["aos2,Text,other"], ["Formatversion: 7"],
      ["Configuration: Other", "x,Text,1"], ["Configuration: Other", "aos2,Text,b:0"],
      ["Configuration:", "aos2,Text,b"],
    ])
  func unrelated(lines: [String]) throws {
    let head = ["title", "Formatversion: 1", "Configuration: A", "aos2,Text,LB1@a;b"]
    let read = ClientConfigurationFile(Array((head + lines).joined(separator: "\n").utf8))
    let first = try #require(read.configurations.first)
    #expect(first.entries.map(\.description) == ["LB1@a:2712", "b:2712"])
    #expect(first.faults.filter(\.isError) == [])
    #expect(!read.faults.isEmpty)
  }

  @Test("of two configurations with one name the first counts, and the second is reported")
  func twice() throws {
    let read = ClientConfigurationFile(
      Array(
        file(
          "Configuration: PROD", "aos2,Text,a", "Configuration: prod", "aos2,Text,b",
          "Configuration: TEST", "aos2,Text,c"
        ).utf8))
    #expect(read.choices.map(\.name) == ["PROD", "TEST"])
    #expect(read.configuration(named: "PROD")?.entries.map(\.address.host) == ["a"])
    #expect(read.configuration(named: "prod")?.entries.map(\.address.host) == ["b"])
    #expect(read.configuration(named: "Test")?.entries.map(\.address.host) == ["c"])
    #expect(read.count(named: "PROD") == 2)
    #expect(
      read.faults.map(\.description) == [
        "line 5: a configuration of this name is in line 3; that one is used"
      ])
  }

  @Test("no file costs memory in proportion to its faults, and the errors are kept")
  func many() {
    let lines = Array(repeating: "x", count: 100_000) + ["aos2,Text,b:0"]
    let text = file("Configuration: A", lines.joined(separator: "\n"))
    let read = ClientConfigurationFile(Array(text.utf8))
    #expect(read.faults.count == ClientConfigurationFile.mostFaults)
    #expect(read.faults.last?.isError == true)
    let long = file("Configuration: A", "aos2,Text," + String(repeating: "a;", count: 100_000))
    let entries = ClientConfigurationFile(Array(long.utf8)).configurations.first?.entries
    #expect(entries?.count == ClientConfigurationFile.mostEntries)
  }

  @Test("a line that breaks the encoding is named, and the others are read")
  func brokenEncoding() {
    var bytes = Array("title\nConfiguration: A\nx,Text,".utf8)
    bytes += [0xFF, 0xC0]
    bytes += "\naos2,Text,a".utf8
    let read = ClientConfigurationFile(bytes)
    #expect(read.faults.map(\.description) == ["line 3: is not UTF-8"])
    #expect(read.configurations.count == 1)
    let cut = ClientConfigurationFile(Encoding.utf16LittleEndian.bytes(Self.sound).dropLast())
    #expect(cut.faults.last?.complaint == "ends in the middle of a character")
  }

  @Test("any bytes give a result", arguments: 0..<200)
  func randomBytes(seed: UInt64) {
    var generator = Seeded(state: seed)
    let pieces: [[UInt8]] = [
      Array("aos2,Text,".utf8), Array("Configuration:".utf8), [13, 10], [10], [0], [0xFF, 0xFE],
      Array(";@:[]".utf8), Array("wsdlport,Text,99999999999999999999;".utf8), [0xD8, 0x00],
      Array("Formatversion:".utf8), Array(",,,".utf8),
    ]
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0...300, using: &generator) {
      if Bool.random(using: &generator), let piece = pieces.randomElement(using: &generator) {
        bytes += piece
      } else {
        bytes.append(UInt8.random(in: 0...255, using: &generator))
      }
    }
    let read = ClientConfigurationFile(bytes)
    #expect(!read.faults.isEmpty || !read.configurations.isEmpty)
    #expect(read.faults.allSatisfy { $0.line >= 1 })
  }

  @Test("a file over the limit is refused and not read")
  func tooLong() {
    let read = ClientConfigurationFile(
      [UInt8](repeating: 65, count: ClientConfigurationFile.longest + 1))
    #expect(read.faults.map(\.line) == [1])
  }
}

@Suite("Lists of servers")
struct ServerEntryTests {
  @Test("instance and port are optional, and a semicolon may end the list")
  func list() throws {
    let entries = try ServerEntry.list("LB1@host:2713; AOS01@other ;[::1];")
    #expect(entries.map(\.description) == ["LB1@host:2713", "AOS01@other:2712", "[::1]:2712"])
  }

  @Test("blanks that do not break, as web pages have them, are blanks around an entry")
  func webPage() throws {
    let entries = try ServerEntry.list("\u{A0}LB1@host:2713\u{A0};\u{202F}other:7 \u{A0}")
    #expect(entries.map(\.description) == ["LB1@host:2713", "other:7"])
  }

  @Test(
    "a faulty entry is named by its number",
    arguments: ["a;;b", "a;b:0", "a;x@y@z", "a;ho st", "a;@b", "a;b@"])
  func faulty(text: String) {
    #expect { try ServerEntry.list(text) } throws: { ($0 as? InvalidValue)?.field == "entry 2" }
  }

  @Test("an empty list is refused", arguments: ["", ";", " "])
  func empty(text: String) {
    #expect(throws: InvalidValue.self) { try ServerEntry.list(text) }
  }
}

/// SplitMix64: the same bytes for the same seed.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

import Foundation
import Testing

@testable import ClusterAPI
@testable import ClusterModel

@Suite("Strict JSON")
struct StrictJSONTests {
  @Test(
    "takes what RFC 8259 takes",
    arguments: [
      "{}", "[]", "null", "true", "0", "-0", "1.5e-3", " {\t\"a\" : [ 1 , 2 ] }\r\n",
      #""\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t""#, #"{"a":{"a":{"a":1}}}"#, #"{"":1}"#,
    ])
  func taken(text: String) throws {
    _ = try StrictJSON(Array(text.utf8))
    _ = try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
  }

  @Test(
    "refuses what two programs may read differently",
    arguments: [
      "", " ", "{", "}", "[1,]", "[,1]", #"{"a":1,}"#, #"{,"a":1}"#, #"{"a"}"#, #"{"a":}"#,
      #"{a:1}"#, "{'a':1}", #"{"a":1}x"#, "{}{}", "[1 2]", "nul", "True", "NaN", "Infinity",
      "+1", "01", "1.", ".5", "1e", "1e+", "0x10", "--1", "1e999", "-1e999",
      String(repeating: "1", count: 65), #""a"#, #""\x""#, #""\u12""#, #""\ud800""#,
      #""\udc00\ud800""#, #""\ud800\u0041""#, "\"\u{1}\"", "\"a\nb\"", "/* */ {}", "{} // x",
      String(repeating: "[", count: 33) + String(repeating: "]", count: 33),
      String(repeating: "[", count: 100_000),
    ])
  func refused(text: String) {
    let failure = #expect(throws: InvalidValue.self) { try StrictJSON(Array(text.utf8)) }
    #expect(failure?.field == "body")
  }

  @Test(
    "refuses a name that stands twice in one object, at any depth and however it is written",
    arguments: [
      (#"{"a":1,"a":2}"#, "a"), (#"{"a":1,"b":2,"\u0061":3}"#, "a"),
      (#"{"x":{"y":1,"y":1}}"#, "x.y"), (#"[[{"z":1,"z":1}]]"#, "z"),
    ])
  func twice(text: String, name: String) {
    let failure = #expect(throws: InvalidValue.self) { try StrictJSON(Array(text.utf8)) }
    #expect(failure == InvalidValue(field: name, complaint: "is given twice"))
  }

  @Test("names the line of a file, not the byte of a body")
  func lines() {
    func failure(_ text: String) -> InvalidValue? {
      #expect(throws: InvalidValue.self) { try StrictJSON(Array(text.utf8), from: .file) }
    }
    #expect(
      failure("{\n\"a\": 1,\n}") == InvalidValue(field: "line 3", complaint: "is not valid JSON"))
    #expect(
      failure("{\"a\": 1,\n\"a\": 2}")
        == InvalidValue(field: "a", complaint: "is given twice, again in line 2"))
  }

  @Test("refuses every encoding but UTF-8, and a byte order mark")
  func encodings() {
    let text = #"{"a":1}"#
    let wrong: [[UInt8]] = [
      [0xEF, 0xBB, 0xBF] + text.utf8, text.utf8.flatMap { [0, $0] },
      text.utf8.flatMap { [$0, 0] }, [0xFF, 0xFE] + text.utf8.flatMap { [$0, 0] },
      Array("\"".utf8) + [0xC0, 0xAF] + Array("\"".utf8),
      Array("\"".utf8) + [0xED, 0xA0, 0x80] + Array("\"".utf8),
    ]
    for bytes in wrong { #expect(throws: InvalidValue.self) { try StrictJSON(bytes) } }
  }

  @Test("names every member once, with the object that it is in")
  func names() throws {
    let text = #"{"b":[{"c":1},{"c":2,"d":{"e":1}}],"a":null}"#
    #expect(try StrictJSON(Array(text.utf8)).names == ["b", "b.c", "b.d", "b.d.e", "a"])
    #expect(try StrictJSON(Array("[]".utf8)).names == [])
  }

  @Test("names no member in a way that moves a cursor or has no end")
  func hostileNames() throws {
    let name = String(repeating: "\u{202E}x", count: 50_000)
    let body = "{\"\(name)\":1,\"\(name)\":2}"
    let failure = #expect(throws: InvalidValue.self) { try StrictJSON(Array(body.utf8)) }
    let words = try #require(failure).description
    #expect(words.count < 200)
    #expect(!words.unicodeScalars.contains(where: PlainText.isForbidden))
  }
}

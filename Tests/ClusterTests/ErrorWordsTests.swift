import ClusterAPI
import ClusterModel
import Foundation
import NIOCore
import ServiceSupport
import Testing

@Suite("An error in words")
struct ErrorWordsTests {
  private struct Unknown: Error {}

  private enum Shape: String, Codable { case round }

  private struct Body: Codable {
    var text: String?
    var number: Int?
    var flag: Bool?
    var list: [Int]?
    var shape: Shape?
    var id: InstanceID?
    var address: Address?
    var time: Timestamp?
  }

  @Test("of the system is the system's, of nobody known says nothing of its type")
  func system() {
    let full = IOError(errnoCode: ENOSPC, reason: "bind(descriptor:ptr:bytes:)")
    #expect(full.networkWords == "No space left on device")
    #expect(ChannelError.eof.networkWords == "the connection was closed")
    #expect(Unknown().plainWords == "an error that this program does not know")
    #expect(CancellationError().plainWords == "the program is stopping")
    #expect(InvalidValue(field: "x", complaint: "is wrong").plainWords == "x is wrong")
  }

  @Test(
    "names the field of a body and no type, whatever its value is",
    arguments: ["text", "number", "flag", "list", "shape", "id", "address", "time"])
  func fields(name: String) throws {
    let values = [
      "1", "1.5", "1e400", "-1", "true", "\"\"", "\"x y\"", "\"5m\"", "[]", "[1.5]", "[null]",
      "{}", "99999999999999999999", "\"\\u0000\"",
    ]
    for value in values {
      do throws(InvalidValue) {
        _ = try WireJSON.decode(Body.self, from: Array("{\"\(name)\":\(value)}".utf8))
      } catch {
        #expect(error.field.hasPrefix(name) || error.field == "body", "\(value): \(error)")
        let words = "\(error)".split { !$0.isLetter }.map(String.init)
        let camels = words.filter { $0.dropFirst().contains(where: \.isUppercase) }
        #expect(
          camels.filter { !["HOST", "PORT", "JSON", "RFC", "UTC"].contains($0) } == [],
          "\(value): \(error)")
        for type in ["Swift", "String", "Int", "Optional", "Dictionary", "Array"] {
          #expect(!words.contains(type), "\(value): \(error)")
        }
      }
    }
  }
}

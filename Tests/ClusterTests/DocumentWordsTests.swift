import ClusterAPI
import Foundation
import ServiceSupport
import Testing

/// What the document says that a request may say, and what the routes know.
@Suite("The HTTP document and requests")
struct DocumentWordsTests {
  /// What a request may say, by the document.
  private struct Words: Equatable {
    var parameters: Set<String> = []
    /// Nil where the document lets a body hold more fields than it names, or names none.
    var fields: Set<String>?
  }

  @Test("name the same query parameters, and the same fields where others are refused")
  func agree() async throws {
    let routes = try DocumentTests.balancerRoutes() + (await DocumentTests.instanceRoutes())
    for route in routes {
      // A daemon may know fewer than the other one that has the route, too.
      let parameters = routes.filter { $0.path == route.path && $0.method == route.method }
        .flatMap(\.knows.parameters)
      let path = route.path.split(separator: "/")
        .map { $0.first == ":" ? "{\($0.dropFirst())}" : String($0) }.joined(separator: "/")
      let block = try Self.operation("/" + path, "\(route.method)".lowercased())
      let told = try Self.words(of: block)
      #expect(Set(parameters) == told.parameters, "\(route.method) \(route.path)")
      switch route.knows.body {
      case .lenient: #expect(told.fields == nil, "\(route.method) \(route.path)")
      case .strict(let fields):
        #expect(told.fields ?? [] == Set(fields), "\(route.method) \(route.path)")
      }
    }
  }

  // MARK: Reading

  /// The lines of one operation. Reads the document's own layout, not any YAML.
  private static func operation(_ path: String, _ method: String) throws -> [String] {
    let lines = try DocumentTests.lines()
    let start = try #require(lines.firstIndex(of: "  \(path):"), "\(path)")
    let here = lines[(start + 1)...].prefix { $0.isEmpty || $0.hasPrefix("   ") }
    let first = try #require(here.firstIndex(of: "    \(method):"), "\(method) \(path)")
    return Array(here[(first + 1)...].prefix { $0.isEmpty || $0.hasPrefix("     ") })
  }

  private static func words(of block: [String]) throws -> Words {
    var words = Words()
    let parameters =
      block.contains { $0.contains("parameters: *change") }
      ? try operation("/v1/drain", "post") : block
    let named = parameters.flatMap { $0.matches(of: /components\/parameters\/(\w+)/) }
      .map { String($0.1) }
    words.parameters = Set(named.filter { $0 == "dryRun" || $0 == "acknowledge" })
    for (line, next) in zip(block, block.dropFirst()) {
      guard let match = line.firstMatch(of: /- name: (\w+)$/),
        next.trimmingCharacters(in: .whitespaces) == "in: query"
      else { continue }
      words.parameters.insert(String(match.1))
    }
    let body = block.drop { !$0.hasPrefix("      requestBody:") }
      .prefix { !$0.hasPrefix("      responses:") }
    let schema = body.lazy.compactMap { $0.firstMatch(of: /components\/schemas\/(\w+)/) }.first
    if let schema { words.fields = try fields(of: String(schema.1)) }
    return words
  }

  /// The names below each `properties:` of a schema, behind those that they stand in:
  /// `sessions` and `sessions.instance`. Nil where it lets others be.
  private static func fields(of schema: String) throws -> Set<String>? {
    let lines = try DocumentTests.lines()
    let start = try #require(lines.firstIndex(of: "    \(schema):"), "\(schema)")
    let block = lines[(start + 1)...].prefix { $0.hasPrefix("     ") }
    guard block.contains(where: { $0.contains("additionalProperties: false") }) else { return nil }
    var fields: Set<String> = []
    var levels: [(column: Int, field: String)] = []
    for line in block {
      let indent = line.prefix { $0 == " " }.count
      let words = line.trimmingCharacters(in: .whitespaces)
      while let last = levels.last, indent < last.column { levels.removeLast() }
      if words == "properties:" {
        levels.append((indent + 2, ""))
      } else if levels.last?.column == indent {
        levels[levels.count - 1].field = String(words.prefix { $0 != ":" })
        fields.insert(levels.map(\.field).joined(separator: "."))
      }
    }
    return fields
  }
}

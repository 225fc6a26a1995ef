import Foundation
import Testing

/// Every link of a document leads somewhere.
@Suite struct LinkTests {
  private struct Link {
    var document: String
    var line: Int
    /// From the folder of the document; empty: the document itself.
    var path: String
    var chapter: String?
  }

  private static let documents = House.shared.files.filter { $0.path.hasSuffix(".md") }

  private static var links: [Link] {
    documents.flatMap { file in
      file.lines.enumerated().flatMap { place, line in
        line.matches(of: /\]\(([^)#:\s]*)(?:#([^)\s]*))?\)/).map { match in
          Link(
            document: file.path, line: place + 1, path: String(match.output.1),
            chapter: match.output.2.map(String.init))
        }
      }
    }
  }

  /// The folder of the document and the link, without `..`, from the root of the project.
  private static func target(of link: Link) -> String {
    guard !link.path.isEmpty else { return link.document }
    var parts = link.document.split(separator: "/").dropLast().map(String.init)
    for part in link.path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(String(part)) }
    }
    return parts.joined(separator: "/")
  }

  /// What a heading is called in a link: small letters, hyphens for blanks, nothing else.
  private static func anchor(of heading: String) -> String {
    let text = heading.drop { $0 == "#" }.drop { $0 == " " }.lowercased()
    return String(
      text.map { $0 == " " ? "-" : $0 }
        .filter { $0.isLetter || $0.isNumber || $0 == "-" || $0 == "_" })
  }

  @Test("every link leads to a file of the project")
  func files() {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    #expect(Self.links.count > 40)
    let lost = Self.links.filter { link in
      let place = root.appending(path: Self.target(of: link)).path
      return !FileManager.default.fileExists(atPath: place)
    }
    #expect(lost.map { "\($0.document):\($0.line) \($0.path)" } == [])
  }

  @Test("every link to a chapter leads to one")
  func chapters() {
    let headings = Dictionary(
      uniqueKeysWithValues: Self.documents.map { file in
        (file.path, Set(file.lines.filter { $0.hasPrefix("#") }.map(Self.anchor)))
      })
    let lost = Self.links.filter { link in
      guard let chapter = link.chapter else { return false }
      return headings[Self.target(of: link)]?.contains(chapter) != true
    }
    #expect(lost.map { "\($0.document):\($0.line) #\($0.chapter ?? "")" } == [])
  }
}

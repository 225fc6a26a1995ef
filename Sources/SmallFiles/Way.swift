internal import Glibc

/// Walks the folders that lead to a path, from `/` on and through every link, one step at a time.
/// If somebody else can write one of them, another file can replace the one that is meant.
///
/// The walk ends where nothing exists or where this process may not look.
struct Way {
  struct Step: Equatable {
    /// The folder, without links in its path.
    var folder: String
    var facts: FileFacts
    /// The next name in it and what the system knows about it; nil where there is none.
    var name: String
    var entry: FileFacts?
  }

  private var folder = "/"
  /// The remaining names, the next one last.
  private var rest: [Substring]
  private var links = 0

  /// The number of links that Linux follows.
  private static let mostLinks = 40

  init(to path: String) {
    rest = Self.names(path)
    guard !path.hasPrefix("/"), let current = getcwd(nil, 0) else { return }
    defer { free(current) }
    rest += Self.names(String(cString: current))
  }

  mutating func next() -> Step? {
    while rest.last == ".." {
      rest.removeLast()
      folder = folder.lastIndex(of: "/").map { String(folder[..<$0]) } ?? ""
      if folder.isEmpty { folder = "/" }
    }
    guard let name = rest.popLast().map(String.init), let facts = FileFacts(path: folder) else {
      return nil
    }
    let path = folder == "/" ? "/" + name : "\(folder)/\(name)"
    let step = Step(folder: folder, facts: facts, name: name, entry: FileFacts(linkAt: path))
    guard let entry = step.entry else {
      rest = []
      return step
    }
    if entry.isLink {
      follow(path)
    } else {
      folder = path
    }
    return step
  }

  private mutating func follow(_ link: String) {
    links += 1
    var target = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    let count = links <= Self.mostLinks ? readlink(link, &target, target.count) : 0
    guard count > 0 else {
      rest = []
      return
    }
    let path = String(
      decoding: target[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
    if path.hasPrefix("/") { folder = "/" }
    rest += Self.names(path)
  }

  private static func names(_ path: String) -> [Substring] {
    path.split(separator: "/").filter { $0 != "." }.reversed()
  }
}

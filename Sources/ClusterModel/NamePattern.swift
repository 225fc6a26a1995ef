/// A name of a user or a computer as an operator asks for it: in any case, and with `*` for
/// whatever stands there.
public struct NamePattern: Hashable, Sendable {
  private let parts: [Character]

  /// - Parameter text: `ana`, `CONTOSO\ana`, `*ana`, `pc*`.
  public init(_ text: String) {
    parts = Array(text.lowercased())
  }

  /// The whole name fits. Takes time with the product of both lengths at most.
  public func matches(_ name: String) -> Bool {
    let letters = Array(name.lowercased())
    var (letter, part) = (0, 0)
    // Where the last star stands, and how far its share of the name went.
    var star: (part: Int, letter: Int)?
    while letter < letters.count {
      if part < parts.count, parts[part] == "*" {
        star = (part, letter)
        part += 1
      } else if part < parts.count, parts[part] == letters[letter] {
        (letter, part) = (letter + 1, part + 1)
      } else if let known = star {
        star = (known.part, known.letter + 1)
        (letter, part) = (known.letter + 1, known.part + 1)
      } else {
        return false
      }
    }
    return parts[part...].allSatisfy { $0 == "*" }
  }
}

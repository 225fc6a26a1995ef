/// A name of a user or a computer as an operator searches for it. Case does not matter, and `*`
/// stands for any text.
public struct NamePattern: Hashable, Sendable {
  private let parts: [Character]

  /// - Parameter text: `ana`, `CONTOSO\ana`, `*ana`, `pc*`.
  public init(_ text: String) {
    parts = Array(text.lowercased())
  }

  /// Whether the whole name matches. Takes at most time in proportion to the product of both
  /// lengths.
  public func matches(_ name: String) -> Bool {
    let letters = Array(name.lowercased())
    var (letter, part) = (0, 0)
    // The position of the last star, and how much of the name it covers so far.
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

/// The lines that were typed before, for ↑ and ↓.
struct TypedBefore: Equatable, Sendable {
  enum Kind: Hashable, Sendable { case filter, time, palette, reason, message, find }

  /// The number of lines kept of each kind.
  static let kept = 50

  /// Oldest first, each once.
  private var lines: [Kind: [String]] = [:]
  /// How many lines the operator went back; 0: none.
  private(set) var steps = 0
  /// The input before the operator went back.
  private var draft = ""

  func isEmpty(_ kind: Kind) -> Bool { lines[kind]?.isEmpty ?? true }

  /// Keeps a line and ends the going back.
  mutating func keep(_ text: String, _ kind: Kind) {
    leave()
    guard !text.isEmpty else { return }
    var all = (lines[kind] ?? []).filter { $0 != text }
    all.append(text)
    lines[kind] = Array(all.suffix(Self.kept))
  }

  /// The operator typed something else, or ended the input.
  mutating func leave() { (steps, draft) = (0, "") }

  /// The line before the one that is shown, or after it.
  ///
  /// - Parameter older: Lines of other operators, which come before one's own.
  /// - Returns: Nil where there is none.
  mutating func recall(
    _ step: Int, _ kind: Kind, from text: String, older: [String] = []
  ) -> String? {
    let own = lines[kind] ?? []
    let all = older.filter { !own.contains($0) } + own
    let wanted = steps + step
    guard (0...all.count).contains(wanted) else { return nil }
    if steps == 0 { draft = text }
    steps = wanted
    return wanted == 0 ? draft : all[all.count - wanted]
  }
}

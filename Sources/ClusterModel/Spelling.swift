/// Finds the known name that was probably meant by a mistyped one.
public enum Spelling {
  /// For longer names nothing is suggested.
  private static let longest = Limits.unknownNameCharacters

  /// The known name that is nearest to the typed one. At most a third of its letters may differ,
  /// but two always may. Case does not matter. Nil where no name is near.
  ///
  /// - Parameter limit: The most letters that may differ, where another rule applies.
  public static func nearest(
    to name: String, among known: some Sequence<String>, atMost limit: Int? = nil
  ) -> String? {
    let most = limit ?? max(2, name.unicodeScalars.count / 3)
    let near = known.compactMap { candidate in
      distance(name, candidate).map { (distance: $0, name: candidate) }
    }
    return near.filter { $0.distance <= most && $0.distance < $0.name.unicodeScalars.count }
      .min { $0.distance < $1.distance }?.name
  }

  /// The end of an error about an unknown name: `; did you mean dryRun?`, or nothing.
  public static func suggestion(for name: String, among known: [String]) -> String {
    nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
  }

  /// How many letters must be inserted, removed or replaced to turn one name into the other,
  /// ignoring case (Levenshtein). Nil for names that are longer than any known name.
  public static func distance(_ left: String, _ right: String) -> Int? {
    let (left, right) = (letters(left), letters(right))
    guard left.count <= longest, right.count <= longest else { return nil }
    var row = Array(0...right.count)
    for (place, letter) in left.enumerated() {
      var diagonal = row[0]
      row[0] = place + 1
      for (column, other) in right.enumerated() {
        let replaced = diagonal + (letter == other ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
      }
    }
    return row[right.count]
  }

  private static func letters(_ text: String) -> [Unicode.Scalar] {
    Array(text.prefix(longest + 1).lowercased().unicodeScalars)
  }
}

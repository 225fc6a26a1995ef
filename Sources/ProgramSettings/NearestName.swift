/// Finds what somebody meant who misspelt a name.
enum NearestName {
  /// Most letters that may differ.
  static let mostEdits = 2

  /// The known name that is nearest, where it is near at all.
  static func of(_ name: String, among known: some Sequence<String>) -> String? {
    let letters = Array(name.lowercased())
    let distances = known.map { ($0, edits(from: letters, to: Array($0.lowercased()))) }
    // Of a short name two other letters are another name.
    let limit = min(mostEdits, letters.count / 2)
    return distances.filter { $0.1 <= limit }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
  }

  /// How many letters must be put in, left out or replaced (Levenshtein's distance).
  static func edits(from old: [Character], to new: [Character]) -> Int {
    var row = Array(0...new.count)
    for (place, letter) in old.enumerated() {
      var diagonal = row[0]
      row[0] = place + 1
      for column in new.indices {
        let replaced = diagonal + (letter == new[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[new.count]
  }

  /// A question that follows a complaint about a name; empty where nothing is near.
  static func question(_ name: String, among known: some Sequence<String>) -> String {
    of(name, among: known).map { " (did you mean \"\($0)\"?)" } ?? ""
  }
}

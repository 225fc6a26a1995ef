import Foundation

/// Screens wider than a line of this project, each in a file of its own beside this one.
extension Pictures {
  static var main120: String { file("main120") }
  static var main200: String { file("main200") }
  static var once: String { file("once") }

  /// Without the newline at its end; what cannot be read is no picture.
  private static func file(_ name: String) -> String {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let place = folder.appendingPathComponent("Pictures/\(name).txt")
    guard let text = try? String(contentsOf: place, encoding: .utf8) else {
      return "no file \(place.path)"
    }
    return String(text.dropLast())
  }
}

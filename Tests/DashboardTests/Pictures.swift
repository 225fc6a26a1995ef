import Foundation
import Testing

/// Screens as they must look, cell by cell, each in a file of the folder beside this one; spaces at
/// the end of a line left out.
///
/// A change of a picture is a change of the product. `make test RECORD=1` writes all of them again:
/// read the difference before it is committed.
enum Pictures {
  private static let isRecording = ProcessInfo.processInfo.environment["AOSTOP_RECORD"] != nil

  /// Holds a picture against the one that is kept, or keeps it.
  static func expect(
    _ picture: String, is name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "Pictures/\(name).txt")
    if isRecording { try Data("\(picture)\n".utf8).write(to: file) }
    let kept = try String(contentsOf: file, encoding: .utf8)
    #expect("\(picture)\n" == kept, "\(picture)", sourceLocation: sourceLocation)
  }
}

internal import ClusterModel
internal import Glibc

/// A recording that is looked at. The file is read in pieces, however large it is: what stays in
/// memory is where whole pictures are, and one picture.
struct Recording: Sendable {
  /// Where a whole picture is.
  struct Place: Equatable, Sendable {
    var offset: Int
    /// Counted from 1.
    var line: Int
    var at: Timestamp
  }

  let file: RecordingFile
  /// Ascending; at least one.
  private(set) var pictures: [Place] = []
  private(set) var first = Timestamp(milliseconds: 0)
  private(set) var last = Timestamp(milliseconds: 0)
  /// Lines that are none of a recording.
  private(set) var faultyLines = 0
  private(set) var firstFaultyLine = 0

  /// Most places kept; then every other one goes.
  private static let mostPictures = 1 << 16

  /// Looks a file through.
  ///
  /// - Throws: `Failure` naming the file, and the line where one is to blame.
  init(path: String) throws(Failure) {
    do throws(RecordingFile.Trouble) {
      file = try RecordingFile.toRead(path)
    } catch {
      throw Failure(.wrongInput, "--replay: \(path): \(error)")
    }
    var lines = RecordingLines(file)
    try Self.checkHeader(lines.next(), path)
    var latest: Timestamp?
    while let line = lines.next() {
      guard line.isWhole, let label = RecordingLine.label(of: line.bytes) else {
        if line.isWhole, line.bytes.isEmpty { continue }
        faultyLines += 1
        if firstFaultyLine == 0 { firstFaultyLine = line.number }
        continue
      }
      // A clock that was set back, or another balancer's: time goes on all the same.
      let at = max(label.at, latest ?? label.at)
      if label.kind == "snapshot" { note(Place(offset: line.offset, line: line.number, at: at)) }
      if !pictures.isEmpty { latest = at }
    }
    guard let start = pictures.first, let latest else {
      throw Failure(.wrongInput, "--replay: \(path): there is no picture of a cluster in it")
    }
    (first, last) = (start.at, latest)
  }

  private mutating func note(_ place: Place) {
    pictures.append(place)
    guard pictures.count > Self.mostPictures else { return }
    pictures = pictures.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
  }

  private static func checkHeader(_ line: RecordingLines.Line?, _ path: String) throws(Failure) {
    guard let line else { throw Failure(.wrongInput, "--replay: \(path): the file is empty") }
    guard case .header(let header)? = try? RecordingLine.read(line.bytes).1 else {
      throw Failure(
        .wrongInput, "--replay: \(path): line 1: this is no recording of aostop")
    }
    let known = RecordingLine.RecordingHeader.currentFormat
    guard header.format == known else {
      throw Failure(
        .wrongInput,
        "--replay: \(path): line 1: format \(header.format); this aostop reads format \(known)")
    }
  }

  /// What is wrong with the file, in words; nil where nothing is.
  var complaint: String? {
    guard faultyLines > 0 else { return nil }
    return faultyLines == 1
      ? "line \(firstFaultyLine) cannot be read and is skipped"
      : "\(faultyLines) lines cannot be read and are skipped, the first is line \(firstFaultyLine)"
  }
}

/// The lines of a file, one after the other, from any place on.
struct RecordingLines: Sendable {
  struct Line {
    var bytes: ArraySlice<UInt8>
    var offset: Int
    /// Counted from 1.
    var number: Int
    /// It has an end, and is not longer than any line of a recording.
    var isWhole: Bool
  }

  private let file: RecordingFile
  private var buffer: [UInt8] = []
  /// Where the next line begins in the buffer, and the buffer in the file.
  private var start = 0
  private var base: Int
  private var number: Int

  private static let pieceBytes = 256 << 10
  /// Far more than a picture of 10,000 instances.
  private static let longest = 32 << 20

  init(_ file: RecordingFile, from place: Recording.Place? = nil) {
    self.file = file
    base = place?.offset ?? 0
    number = (place?.line ?? 1) - 1
  }

  /// The next line; nil at the end of the file.
  mutating func next() -> Line? {
    var scanned = start
    var isTooLong = false
    let offset = base + start
    while true {
      if let end = Self.lineEnd(in: buffer, from: scanned) {
        number += 1
        defer { start = end + 1 }
        return Line(
          bytes: isTooLong ? [] : buffer[start..<end], offset: offset, number: number,
          isWhole: !isTooLong)
      }
      if buffer.count - start > Self.longest {
        // Its middle is of no use.
        isTooLong = true
        base += buffer.count
        (buffer, start) = ([], 0)
      }
      scanned = buffer.count - start
      let rest = Array(buffer[start...])
      base += start
      start = 0
      let piece = file.read(at: base + rest.count, count: Self.pieceBytes)
      buffer = rest + piece
      guard piece.isEmpty else { continue }
      return lastLine(offset, isTooLong)
    }
  }

  /// What stands at the end of the file without a line's end: it was cut off.
  private mutating func lastLine(_ offset: Int, _ isTooLong: Bool) -> Line? {
    guard isTooLong || !buffer.isEmpty else { return nil }
    base += buffer.count
    buffer = []
    number += 1
    return Line(bytes: [], offset: offset, number: number, isWhole: false)
  }

  private static func lineEnd(in buffer: [UInt8], from start: Int) -> Int? {
    buffer.withUnsafeBufferPointer { bytes in
      guard let base = bytes.baseAddress, start < bytes.count,
        let found = memchr(base + start, 10, bytes.count - start)
      else { return nil }
      return base.distance(to: found.assumingMemoryBound(to: UInt8.self))
    }
  }
}

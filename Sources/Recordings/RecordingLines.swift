internal import Glibc

/// Bytes from which the lines of a recording are read.
package protocol LineSource: Sendable {
  /// Reads from a position. Returns fewer bytes at the end; and none beyond the end, for bytes that
  /// are no longer kept, or where reading fails.
  func read(at offset: Int, count: Int) -> [UInt8]
}

/// The lines of a recording, one after the other, from any position. After the last line it can
/// continue when there are more.
struct RecordingLines: Sendable {
  struct Line {
    var bytes: ArraySlice<UInt8>
    var offset: Int
    /// The number of the line, counted from 1.
    var number: Int
    /// Whether it has an end and is not longer than any line of a recording.
    var isWhole: Bool
  }

  private let source: any LineSource
  private var buffer: [UInt8] = []
  /// Where the next line begins in the buffer, and the position of the buffer in the file.
  private var start = 0
  private var base: Int
  private var number: Int

  private static let pieceBytes = 256 << 10
  /// Far more than a picture of 10,000 instances.
  private static let longest = 32 << 20

  init(_ source: any LineSource, from place: Recording.Place? = nil) {
    self.source = source
    base = place?.offset ?? 0
    number = (place?.line ?? 1) - 1
  }

  /// Where the next line begins.
  var offset: Int { base + start }

  /// The next line; nil at the end.
  mutating func next() -> Line? {
    var scanned = start
    var isTooLong = false
    let offset = offset
    while true {
      if let end = Self.lineEnd(in: buffer, from: scanned) {
        number += 1
        defer { start = end + 1 }
        return Line(
          bytes: isTooLong ? [] : Self.content(buffer[start..<end]), offset: offset,
          number: number, isWhole: !isTooLong)
      }
      if buffer.count - start > Self.longest {
        // The middle of such a line is useless.
        isTooLong = true
        base += buffer.count
        (buffer, start) = ([], 0)
      }
      scanned = buffer.count - start
      let rest = Array(buffer[start...])
      base += start
      start = 0
      let piece = source.read(at: base + rest.count, count: Self.pieceBytes)
      buffer = rest + piece
      guard piece.isEmpty else { continue }
      return lastLine(offset, isTooLong)
    }
  }

  /// The rest of the file without a line end. It was cut off, unless only its end is missing, as
  /// after editors and `head -c`.
  private mutating func lastLine(_ offset: Int, _ isTooLong: Bool) -> Line? {
    guard isTooLong || !buffer.isEmpty else { return nil }
    base += buffer.count
    let bytes = isTooLong ? [] : Self.content(buffer[...])
    buffer = []
    number += 1
    let isWhole = bytes.isEmpty ? !isTooLong : (try? RecordingLine.read(bytes)) != nil
    return Line(bytes: isWhole ? bytes : [], offset: offset, number: number, isWhole: isWhole)
  }

  /// A line without what editors and Windows tools add: a byte order mark, and CR and blanks at the
  /// end. NUL bytes before it are also removed; they remain where a file was emptied while a
  /// program wrote.
  static func content(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var text = line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(3) : line
    if let start = text.firstIndex(where: { $0 != 0 }) { text = text[start...] }
    while let last = text.last, [0x0D, 0x20, 0x09].contains(last) { text = text.dropLast() }
    return text
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

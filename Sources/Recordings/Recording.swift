internal import ClusterModel
internal import Glibc

/// A recording for reading. It is read in pieces, however large it is: only the positions of whole
/// pictures and one picture stay in memory.
package struct Recording: Sendable {
  /// The position of a whole picture.
  struct Place: Equatable, Sendable {
    var offset: Int
    /// The line, counted from 1.
    var line: Int
    var at: Timestamp
  }

  let source: any LineSource
  /// The positions, ascending; at least one.
  private(set) var pictures: [Place] = []
  private(set) var first = Timestamp(milliseconds: 0)
  private(set) var last = Timestamp(milliseconds: 0)
  /// Lines that are not part of a recording.
  private var faulty = LineCount()
  /// Lines of a later release: of an unknown kind or format.
  private var unknown = LineCount()
  /// The line where a part begins that is older than the part before it.
  private var earlierLine: Int?

  var faultyLines: Int { faulty.count }

  /// The most positions that are kept; beyond this every second one is dropped.
  private static let mostPictures = 1 << 16

  /// Uses a recording that was scanned already.
  ///
  /// - Parameter pictures: Ascending; at least one.
  init(_ source: any LineSource, pictures: [Place], last: Timestamp) {
    (self.source, self.pictures, self.last) = (source, pictures, last)
    first = pictures.first?.at ?? last
  }

  /// Scans a file.
  ///
  /// - Throws: What is wrong with it, and in which line.
  package init(path: String) throws(RecordingFile.Trouble) {
    let file = try RecordingFile.toRead(path)
    source = file
    var lines = RecordingLines(file)
    var next = lines.next()
    while let line = next, line.isWhole, line.bytes.isEmpty { next = lines.next() }
    guard let opening = next else { throw RecordingFile.Trouble("the file is empty") }
    try Self.check(opening)
    var latest: Timestamp?
    var isKnown = true
    while let line = next {
      defer { next = lines.next() }
      guard line.isWhole, let label = RecordingLine.label(of: line.bytes) else {
        if line.isWhole, line.bytes.isEmpty { continue }
        faulty.add(line.number)
        continue
      }
      if label.kind == RecordingLine.headerKind {
        isKnown = RecordingLine.hasKnownFormat(line.bytes)
        if let latest, latest.milliseconds(since: label.at) > Self.clockSlack {
          earlierLine = earlierLine ?? line.number
        }
      }
      guard isKnown, RecordingLine.isKnown(kind: label.kind) else {
        unknown.add(line.number)
        continue
      }
      // A clock may have been set back, or another balancer's may differ. Time never goes back
      // here.
      let at = max(label.at, latest ?? label.at)
      if label.kind == "snapshot" { note(Place(offset: line.offset, line: line.number, at: at)) }
      if !pictures.isEmpty { latest = at }
    }
    guard let start = pictures.first, let latest else {
      guard RecordingLine.label(of: opening.bytes) != nil else {
        throw RecordingFile.Trouble("line 1: this is not a recording of aostop")
      }
      let words = complaint.map { "; \($0)" } ?? ""
      throw RecordingFile.Trouble("there is no picture of a cluster in it\(words)")
    }
    (first, last) = (start.at, latest)
  }

  /// The largest difference between balancers' clocks, in milliseconds.
  private static let clockSlack: Int64 = 60_000

  private mutating func note(_ place: Place) {
    pictures.append(place)
    guard pictures.count > Self.mostPictures else { return }
    pictures = pictures.enumerated().filter { $0.offset.isMultiple(of: 2) }.map(\.element)
  }

  /// Checks the first line. If it is not a header, the beginning may have been cut off or
  /// overwritten, and the rest is read.
  private static func check(_ line: RecordingLines.Line) throws(RecordingFile.Trouble) {
    if let words = otherFormat(of: line.bytes) { throw RecordingFile.Trouble("line 1: \(words)") }
    guard case .header(let header)? = try? RecordingLine.read(line.bytes).1 else { return }
    let known = RecordingLine.RecordingHeader.currentFormat
    guard header.format == known else {
      throw RecordingFile.Trouble(
        "line 1: format \(header.format); this aostop reads format \(known)")
    }
  }

  /// Which other program may have changed the recording; nil where none did.
  private static func otherFormat(of start: ArraySlice<UInt8>) -> String? {
    let formats: [(start: [UInt8], words: String)] = [
      ([0x1F, 0x8B], "the file is compressed with gzip; decompress it first"),
      ([0x28, 0xB5, 0x2F, 0xFD], "the file is compressed with zstd; decompress it first"),
      ([0xFD, 0x37, 0x7A, 0x58], "the file is compressed with xz; decompress it first"),
      ([0xFF, 0xFE], "the file is UTF-16; save it as UTF-8"),
      ([0xFE, 0xFF], "the file is UTF-16; save it as UTF-8"),
    ]
    return formats.first { start.starts(with: $0.start) }?.words
  }

  /// What is wrong with the file, in words; nil where nothing is.
  var complaint: String? {
    faulty.words("cannot be read and is skipped", "cannot be read and are skipped")
  }

  /// What is not shown of the file, in words; nil where everything is shown.
  package var remarks: String? {
    let parts = [
      complaint,
      unknown.words(
        "was written by a later release and is skipped",
        "were written by a later release and are skipped"),
      earlierLine.map {
        "from line \($0) on the recording is older than before; its times are not shown"
      },
    ].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}

/// The number of lines of one sort, and the first one.
private struct LineCount: Sendable {
  private(set) var count = 0
  private var first = 0

  mutating func add(_ line: Int) {
    count += 1
    if count == 1 { first = line }
  }

  /// Nil where there is none.
  func words(_ one: String, _ several: String) -> String? {
    switch count {
    case 0: nil
    case 1: "line \(first) \(one)"
    default: "\(count) lines \(several), the first is line \(first)"
    }
  }
}

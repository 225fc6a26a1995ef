internal import ClusterModel

/// A feed as the lines of a recording: when a header and a whole picture are due, and when what
/// the feed told will do.
struct FeedLines: Sendable {
  /// Some lines that are written together.
  struct Piece: Equatable {
    var bytes: [UInt8] = []
    /// The whole picture among them.
    var picture: Range<Int>?
    /// The balancer's clock.
    var at: Timestamp
  }

  /// The balancer that the last line is from.
  private var balancer: InstanceID?
  /// What came before there was a picture to put it behind.
  private var early: (line: RecordingLine, text: String?)?
  /// A header and a whole picture come next.
  var mustBegin = true
  /// Bytes since the last whole picture, and its own.
  private var bytesSince = 0
  private var pictureBytes = 0
  /// Where there is not room for more.
  var mostBytesBetweenPictures = Int.max
  /// A header says where recording began again: what was before it is not known.
  var hasHeaders = true

  /// Whole pictures take at most a fifth of a recording, and going back to one costs no more
  /// than reading so much.
  private static let changesPerPicture = 4
  private static let fewestBytesBetweenPictures = 64 << 10

  /// The lines for what was told.
  ///
  /// - Parameter text: Its JSON as it came; nil: it is written again.
  /// - Returns: Nil where there is nothing to write yet.
  mutating func piece(
    for told: FollowedFeed.News, text: String?
  ) -> Piece? {
    // A header tells which balancer speaks from here on.
    if let speaker = told.latest?.balancer.id, speaker != balancer {
      (balancer, mustBegin) = (speaker, true)
    }
    var isPicture = false
    switch told.line {
    case .snapshot: isPicture = true
    case .history where mustBegin:
      early = (told.line, text)
      return nil
    case .lost where mustBegin: return nil
    default: break
    }
    guard let latest = told.latest else { return nil }
    var piece = Piece(at: told.at)
    // A change needs a picture before it; one that begins holds what the line says.
    if mustBegin {
      if hasHeaders { piece.bytes += Self.header(of: latest) }
    } else if !isPicture {
      piece.bytes += Self.bytes(of: told.line, text, at: told.at)
    }
    if isPicture || mustBegin || isPictureDue {
      let start = piece.bytes.count
      piece.bytes += Self.bytes(of: .snapshot(latest), isPicture ? text : nil, at: told.at)
      piece.picture = start..<piece.bytes.count
    }
    if let early, piece.picture != nil {
      piece.bytes += Self.bytes(of: early.line, early.text, at: told.at)
      self.early = nil
    }
    return piece
  }

  private var isPictureDue: Bool {
    let wanted = max(Self.fewestBytesBetweenPictures, Self.changesPerPicture * pictureBytes)
    return bytesSince >= min(wanted, mostBytesBetweenPictures)
  }

  private static func header(of snapshot: ClusterSnapshot) -> [UInt8] {
    let header = RecordingLine.RecordingHeader(
      format: RecordingLine.RecordingHeader.currentFormat, cluster: snapshot.cluster,
      balancer: snapshot.balancer.id.text, program: ProgramVersion.current)
    return RecordingLine.header(header).encoded(at: snapshot.at) ?? []
  }

  private static func bytes(of line: RecordingLine, _ text: String?, at: Timestamp) -> [UInt8] {
    text.map { line.line(at: at, of: $0) } ?? line.encoded(at: at) ?? []
  }

  /// A piece was written.
  mutating func wrote(_ piece: Piece) {
    mustBegin = false
    bytesSince = piece.picture == nil ? bytesSince + piece.bytes.count : 0
    if let picture = piece.picture { pictureBytes = picture.count }
  }
}

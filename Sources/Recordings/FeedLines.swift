internal import ClusterModel

/// Turns a feed into the lines of a recording. It knows when a header and a whole picture are
/// needed, and when the JSON of the feed is enough.
struct FeedLines: Sendable {
  /// Some lines that are written together.
  struct Piece: Equatable {
    var bytes: [UInt8] = []
    /// The position of the whole picture in them.
    var picture: Range<Int>?
    /// The time, by the balancer's clock.
    var at: Timestamp
  }

  /// The balancer of the last line.
  private var balancer: InstanceID?
  /// What came before the first picture, after which it can be written.
  private var early: (line: RecordingLine, text: String?)?
  /// Whether a header and a whole picture must come next.
  var mustBegin = true
  /// The bytes since the last whole picture, and the size of that picture.
  private var bytesSince = 0
  private var pictureBytes = 0
  /// The limit for recordings with little room.
  var mostBytesBetweenPictures = Int.max
  /// Whether a header marks where recording began again, so that the time before is unknown.
  var hasHeaders = true

  /// Whole pictures take at most a fifth of a recording. Going back to one needs no more reading
  /// than this.
  private static let changesPerPicture = 4
  private static let fewestBytesBetweenPictures = 64 << 10

  /// The lines for an event of the feed.
  ///
  /// - Parameter text: Its JSON as it was received; nil: it is encoded again.
  /// - Returns: Nil where there is nothing to write yet.
  mutating func piece(
    for told: FollowedFeed.News, text: String?
  ) -> Piece? {
    // A header names the balancer of the following lines.
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
    // A change needs a picture before it. At a new beginning the picture includes what the line
    // says.
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

  /// Call this when a piece was written.
  mutating func wrote(_ piece: Piece) {
    mustBegin = false
    bytesSince = piece.picture == nil ? bytesSince + piece.bytes.count : 0
    if let picture = piece.picture { pictureBytes = picture.count }
  }
}

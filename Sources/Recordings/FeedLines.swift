internal import ClusterModel
internal import Dashboard

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

  /// The cluster after everything that came.
  private var latest: ClusterSnapshot?
  /// Monotonic milliseconds of the last change.
  private var heardAt: Int64 = 0
  private var isLost = false
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

  /// Takes in what the feed told, whether it can be written or not.
  ///
  /// - Parameter now: Monotonic milliseconds.
  /// - Returns: What there is to write, with its time; nil for what is not kept.
  mutating func follow(_ event: Event, at now: Int64) -> (line: RecordingLine, at: Timestamp)? {
    switch event {
    case .snapshot(let snapshot):
      // A header tells which balancer speaks from here on.
      if snapshot.balancer.id != latest?.balancer.id { mustBegin = true }
      (latest, heardAt, isLost) = (snapshot, now, false)
      return (.snapshot(snapshot), snapshot.at)
    case .change(let change):
      latest?.apply(change)
      (heardAt, isLost) = (now, false)
      return (.change(change), change.at)
    case .action(let action):
      latest?.append(action)
      return (.action(action), max(action.at, latest?.at ?? action.at))
    case .event(let event):
      latest?.append(event)
      return (.event(event), max(event.at, latest?.at ?? event.at))
    case .history(let history):
      return (.history(history), clock(at: now))
    case .lost:
      guard !isLost, latest != nil else { return nil }
      isLost = true
      return (.lost, clock(at: now))
    default: return nil
    }
  }

  private func clock(at now: Int64) -> Timestamp {
    latest?.at.adding(milliseconds: max(0, now - heardAt)) ?? Timestamp(milliseconds: 0)
  }

  /// The lines for what was told.
  ///
  /// - Parameter text: Its JSON as it came; nil: it is written again.
  /// - Returns: Nil where there is nothing to write yet.
  mutating func piece(
    for told: (line: RecordingLine, at: Timestamp), text: String?
  ) -> Piece? {
    var isPicture = false
    switch told.line {
    case .snapshot: isPicture = true
    case .history where mustBegin:
      early = (told.line, text)
      return nil
    case .lost where mustBegin: return nil
    default: break
    }
    guard let latest else { return nil }
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

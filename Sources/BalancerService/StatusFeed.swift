internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import Logging
internal import NIOCore
internal import ServiceSupport
internal import Synchronization

/// The readers of the status feed, and its last events.
///
/// Each event is encoded once for all readers. A slow reader gets nothing until it has read
/// everything, and then a new snapshot, so that its memory stays bounded and it slows nobody.
final class StatusFeed: Sendable {
  private struct Reader {
    let outbox: Outbox
    /// Collects events while the reader's snapshot is being encoded; nil after that.
    var waiting: [ByteBuffer]?
    /// Whether it was too slow, and gets a new snapshot when its outbox is empty.
    var needsSnapshot = false
  }

  private struct State {
    var told = ToldLog<ByteBuffer>(keptBytes: 4 << 20)
    var readers: [Int: Reader] = [:]
    var nextKey = 0
    var isFinished = false
  }

  /// A random name for each balancer process: sequence numbers of another one mean nothing here.
  let epoch: String
  private let logger: Logger
  private let state = Mutex(State())
  /// How many bytes may wait for one reader.
  private static let readerBytes = 8 << 20

  init(epoch: String, logger: Logger) {
    self.epoch = epoch
    self.logger = logger
  }

  var readerCount: Int { state.withLock { $0.readers.count } }

  // MARK: Telling

  /// Called with the balancer locked, in the order of sequences.
  func publish(_ change: ClusterChange) {
    guard let bytes = encode(change, "change", sequence: change.sequence) else { return }
    tell(bytes, sequence: change.sequence)
  }

  func publish(_ action: ActionRecord) {
    guard let bytes = encode(action, "action", sequence: nil) else { return }
    tell(bytes, sequence: nil)
  }

  func publish(_ event: ClusterEvent) {
    guard let bytes = encode(event, "event", sequence: nil) else { return }
    tell(bytes, sequence: nil)
  }

  private func tell(_ bytes: ByteBuffer, sequence: Int64?) {
    state.withLock { state in
      state.told.append(bytes, bytes: bytes.readableBytes, sequence: sequence)
      for (key, reader) in state.readers {
        if reader.waiting != nil {
          state.readers[key]?.waiting?.append(bytes)
        } else if !reader.needsSnapshot, reader.outbox.put(bytes) == .full {
          state.readers[key]?.needsSnapshot = true
        }
      }
    }
  }

  private func encode(_ value: some Encodable, _ name: String, sequence: Int64?) -> ByteBuffer? {
    do {
      let data = String(decoding: try WireJSON.encode(value), as: UTF8.self)
      let id = sequence.map { FeedPosition(epoch: epoch, sequence: $0).description }
      return ByteBuffer(bytes: ServerSentEvent(id: id, name: name, data: data).bytes)
    } catch {
      logger.error("A \(name) cannot be encoded: \(error.plainWords)")
      return nil
    }
  }

  // MARK: Readers

  /// Adds a reader. It resumes after `lastEventID` if possible; otherwise it starts with a
  /// snapshot.
  ///
  /// - Throws: `Problem` while there is nothing to send yet.
  func subscribe(lastEventID: String?, core: BalancerCore) throws -> (key: Int, outbox: Outbox) {
    let outbox = Outbox(limit: Self.readerBytes)
    var key = 0
    var resumed = false
    let snapshot = try core.snapshot { _ in
      state.withLock { state in
        state.nextKey += 1
        key = state.nextKey
        if let missed = missed(since: lastEventID, state) {
          for bytes in missed { outbox.put(bytes) }
          resumed = true
          state.readers[key] = Reader(outbox: outbox, waiting: nil)
        } else {
          state.readers[key] = Reader(outbox: outbox, waiting: [])
        }
        if state.isFinished { outbox.finish() }
      }
    }
    if !resumed { give(snapshot, to: key) }
    return (key, outbox)
  }

  func unsubscribe(_ key: Int) {
    state.withLock { _ = $0.readers.removeValue(forKey: key) }
  }

  /// The events after this one; nil where they are not known any more.
  private func missed(since lastEventID: String?, _ state: State) -> [ByteBuffer]? {
    guard let position = lastEventID.flatMap(FeedPosition.init), position.epoch == epoch else {
      return nil
    }
    return state.told.missed(since: position.sequence)
  }

  private func give(_ snapshot: ClusterSnapshot, to key: Int) {
    let bytes = encode(snapshot, "snapshot", sequence: snapshot.sequence)
    state.withLock { state in
      guard let reader = state.readers[key], let waiting = reader.waiting else { return }
      state.readers[key]?.waiting = nil
      guard var bytes else { return reader.outbox.finish() }
      for var later in waiting { bytes.writeBuffer(&later) }
      reader.outbox.replace(with: bytes)
    }
  }

  /// Sends a snapshot to every reader that fell behind and has read everything. Call it a few times
  /// a second.
  func catchUp(core: BalancerCore) {
    var behind: [Int] = []
    let isAnyBehind = state.withLock { state in
      state.readers.values.contains { $0.needsSnapshot && $0.outbox.isIdle }
    }
    guard isAnyBehind else { return }
    let snapshot = try? core.snapshot { _ in
      state.withLock { state in
        for (key, reader) in state.readers where reader.needsSnapshot && reader.outbox.isIdle {
          state.readers[key]?.needsSnapshot = false
          state.readers[key]?.waiting = []
          behind.append(key)
        }
      }
    }
    guard let snapshot else { return }
    for key in behind { give(snapshot, to: key) }
  }

  /// Nothing more is sent. Readers get what waits for them, and their streams end.
  func finish() {
    let outboxes = state.withLock { state in
      state.isFinished = true
      return state.readers.values.map(\.outbox)
    }
    for outbox in outboxes { outbox.finish() }
  }
}

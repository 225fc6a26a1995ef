internal import Synchronization

/// The storage of one half of a session's past.
protocol PastStore: Sendable {
  /// Adds all of the bytes, or none.
  func append(_ bytes: [UInt8]) throws(RecordingFile.Trouble)
  func read(at offset: Int, count: Int) -> [UInt8]
}

extension RecordingFile: PastStore {}

/// Bytes in memory. The caller limits their number.
final class MemoryStore: PastStore {
  private let bytes = Mutex<[UInt8]>([])

  func append(_ new: [UInt8]) {
    bytes.withLock { bytes in
      let needed = bytes.count + new.count
      // An array that grows by itself may use twice the memory of its contents.
      if needed > bytes.capacity {
        bytes.reserveCapacity(
          max(needed, min(needed + needed / 8, SessionPast.mostMemoryBytes / 2)))
      }
      bytes += new
    }
  }

  func read(at offset: Int, count: Int) -> [UInt8] {
    bytes.withLock { bytes in
      let end = min(bytes.count, offset + count)
      return offset < end ? Array(bytes[offset..<end]) : []
    }
  }
}

internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import NIOCore
internal import Synchronization

/// Writes handshake answers: the stored JSON pieces of the servers, joined in order. A piece is
/// made once per change of its server; what stands in the order of the last answer is taken over
/// from it in one go.
final class HandshakeWriter: Sendable {
  /// Answers of which one is much like the next: clients want all servers, or the first few.
  private struct Series: Hashable {
    var kind: ClientKind
    var isCut: Bool
  }

  /// The last answer of one series.
  private struct Written {
    /// Of its entries.
    var stamps: [Int] = []
    /// Where the piece of each ends in the answer, with the comma or bracket after it.
    var ends: [Int] = []
    var start = 0
    var bytes = ByteBuffer()

    func begin(of place: Int) -> Int { place == 0 ? start : ends[place - 1] }

    func has(_ stamp: Int, at place: Int) -> Bool {
      place < stamps.count && stamps[place] == stamp
    }
  }

  private struct State {
    var written: [Series: Written] = [:]
    /// The beginning of an answer up to the second, which many answers have in common.
    var second = Int64.min
    var head = ""
  }

  private let head: String
  private let state = Mutex(State())

  init(cluster: String, balancer: InstanceID) throws {
    let name = String(decoding: try WireJSON.encode(cluster), as: UTF8.self)
    head = #"{"cluster":\#(name),"balancer":"\#(balancer)","issuedAt":""#
  }

  /// The answer's bytes.
  func answer(
    _ list: HandshakeView, for kind: ClientKind, sequence: Int64, at: Timestamp
  ) -> ByteBuffer {
    let series = Series(kind: kind, isCut: list.isCut)
    let (start, last) = state.withLock { state in
      let second = at.milliseconds / 1_000
      if state.second != second {
        // The time ends in milliseconds and Z.
        (state.second, state.head) = (second, head + "\(at)".dropLast(4))
      }
      return (state.head, state.written[series] ?? Written())
    }
    var answer = ByteBufferAllocator().buffer(capacity: 256 + list.entries.count * 144)
    answer.writeString(start)
    answer.writeString(Self.milliseconds(at))
    answer.writeString("Z\",\"sequence\":\(sequence),\"ticket\":")
    answer.writeString(list.ticket.map { "\"\($0)\"" } ?? "null")
    answer.writeString(",\"servers\":[")
    var new = Self.write(list, into: &answer, after: last)
    answer.writeString(list.isCut ? "],\"more\":true}" : "]}")
    new.bytes = answer
    state.withLock { $0.written[series] = new }
    return answer
  }

  /// The three decimals of the second.
  private static func milliseconds(_ time: Timestamp) -> String {
    let rest = time.milliseconds % 1_000
    return (rest < 10 ? "00" : rest < 100 ? "0" : "") + String(rest)
  }

  /// Writes the servers. From one answer to the next a server or two move; the runs between them
  /// are copied whole.
  private static func write(
    _ list: HandshakeView, into answer: inout ByteBuffer, after last: Written
  ) -> Written {
    var next = Written(stamps: Array(list.stamps), start: answer.writerIndex)
    next.ends.reserveCapacity(list.stamps.count)
    var place = 0
    var run = 0..<0
    for (index, stamp) in list.stamps.enumerated() {
      // Where it is not in its place, the one that was there went elsewhere, or it is new.
      let found = last.has(stamp, at: place)
        ? place : last.has(stamp, at: place + 1) ? place + 1 : nil
      if let found {
        let piece = last.begin(of: found)..<last.ends[found]
        if run.upperBound != piece.lowerBound {
          copy(run, of: last, into: &answer)
          run = piece
        } else {
          run = run.lowerBound..<piece.upperBound
        }
        place = found + 1
        next.ends.append(answer.writerIndex + run.count)
      } else {
        copy(run, of: last, into: &answer)
        run = 0..<0
        answer.writeString(json(list.entries[index]))
        answer.writeInteger(UInt8(ascii: ","))
        next.ends.append(answer.writerIndex)
      }
    }
    copy(run, of: last, into: &answer)
    if !list.stamps.isEmpty { answer.moveWriterIndex(to: answer.writerIndex - 1) }
    return next
  }

  private static func copy(_ run: Range<Int>, of last: Written, into answer: inout ByteBuffer) {
    guard !run.isEmpty else { return }
    last.bytes.withVeryUnsafeBytes { bytes in
      _ = answer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[run]))
    }
    // Its last piece may have been the last of that answer, with no comma after it.
    answer.setInteger(UInt8(ascii: ","), at: answer.writerIndex - 1)
  }

  /// One server. Its id and address hold nothing that JSON would quote.
  private static func json(_ entry: HandshakeEntry) -> String {
    let load = entry.load
    let workload = load.workload.map { "\($0.roundedToFourDecimals)" } ?? "null"
    return #"{"id":"\#(entry.id)","address":"\#(entry.address)","connected":\#(load.connected),"#
      + #""reserved":\#(load.reserved),"maximum":\#(load.maximum),"workload":\#(workload)"#
      + (entry.tls ? #","tls":true}"# : "}")
  }
}

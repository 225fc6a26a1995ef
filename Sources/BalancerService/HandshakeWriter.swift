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
    var entries: [HandshakeEntry] = []
    /// Where the piece of each ends in the answer, with the comma or bracket after it.
    var ends: [Int] = []
    var start = 0
    var bytes = ByteBuffer()

    func begin(of place: Int) -> Int { place == 0 ? start : ends[place - 1] }
  }

  private let head: String
  private let written = Mutex<[Series: Written]>([:])

  init(cluster: String, balancer: InstanceID) throws {
    let name = String(decoding: try WireJSON.encode(cluster), as: UTF8.self)
    head = #"{"cluster":\#(name),"balancer":"\#(balancer)","issuedAt":""#
  }

  /// The answer's bytes.
  func answer(
    _ list: HandshakeList, for kind: ClientKind, sequence: Int64, at: Timestamp
  ) -> ByteBuffer {
    let entries = list.entries
    let series = Series(kind: kind, isCut: list.isCut)
    var answer = ByteBufferAllocator().buffer(capacity: 256 + entries.count * 144)
    answer.writeString(head)
    answer.writeString("\(at)\",\"sequence\":\(sequence),")
    answer.writeString(list.ticket.map { "\"ticket\":\"\($0)\"," } ?? "\"ticket\":null,")
    answer.writeString("\"servers\":[")
    // Not under the lock: of answers that are written at once each takes over what it can.
    let last = written.withLock { $0[series] } ?? Written()
    var new = Self.write(entries, into: &answer, after: last)
    answer.writeString(list.isCut ? "],\"more\":true}" : "]}")
    new.bytes = answer
    written.withLock { $0[series] = new }
    return answer
  }

  /// Writes the servers. From one answer to the next a server or two
  /// move; the runs between them are copied whole.
  private static func write(
    _ entries: [HandshakeEntry], into answer: inout ByteBuffer, after last: Written
  ) -> Written {
    var next = Written(entries: entries, start: answer.writerIndex)
    next.ends.reserveCapacity(entries.count)
    var place = 0
    var run = 0..<0
    for entry in entries {
      // Where it is not in its place, the one that was there went elsewhere, or it is new.
      let isThere = { (place: Int) in
        place < last.entries.count && last.entries[place] == entry
      }
      let found = isThere(place) ? place : isThere(place + 1) ? place + 1 : nil
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
        answer.writeString(json(entry))
        answer.writeInteger(UInt8(ascii: ","))
        next.ends.append(answer.writerIndex)
      }
    }
    copy(run, of: last, into: &answer)
    if !entries.isEmpty { answer.moveWriterIndex(to: answer.writerIndex - 1) }
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

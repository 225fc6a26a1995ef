internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import NIOCore
internal import Synchronization

/// Writes handshake answers: the stored JSON pieces of the servers, joined in order. A piece is
/// made once per change of its server.
final class HandshakeWriter: Sendable {
  private struct Piece {
    let entry: HandshakeEntry
    let bytes: ByteBuffer
  }

  private let head: String
  private let pieces = Mutex<[InstanceID: Piece]>([:])

  init(cluster: String, balancer: InstanceID) throws {
    let name = String(decoding: try WireJSON.encode(cluster), as: UTF8.self)
    head = #"{"cluster":\#(name),"balancer":"\#(balancer)","issuedAt":""#
  }

  /// The answer's bytes.
  func answer(
    _ entries: [HandshakeEntry], ticket: String?, sequence: Int64, at: Timestamp
  ) -> ByteBuffer {
    var answer = ByteBufferAllocator().buffer(capacity: 256 + entries.count * 128)
    answer.writeString(head)
    answer.writeString("\(at)\",\"sequence\":\(sequence),")
    answer.writeString(ticket.map { "\"ticket\":\"\($0)\"," } ?? "\"ticket\":null,")
    answer.writeString("\"servers\":[")
    pieces.withLock { pieces in
      for (place, entry) in entries.enumerated() {
        if place > 0 { answer.writeInteger(UInt8(ascii: ",")) }
        if let piece = pieces[entry.id], piece.entry == entry {
          answer.writeImmutableBuffer(piece.bytes)
        } else {
          let piece = Piece(entry: entry, bytes: ByteBuffer(string: Self.json(entry)))
          pieces[entry.id] = piece
          answer.writeImmutableBuffer(piece.bytes)
        }
      }
    }
    answer.writeString("]}")
    return answer
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

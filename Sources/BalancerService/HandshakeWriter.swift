internal import Balancing
internal import ClusterAPI
internal import ClusterModel
internal import NIOCore
internal import Synchronization

/// Writes the answers to handshakes by joining stored pieces of JSON, one for each server. A piece
/// is made once for each change of its server. Pieces in the same order as in the last answer are
/// copied together.
final class HandshakeWriter: Sendable {
  /// A series of similar answers: clients want all servers, or the first few.
  private struct Series: Hashable {
    var kind: ClientKind
    var isCut: Bool
  }

  /// The last answer of one series.
  private struct Written {
    /// The stamps of its entries.
    var stamps: [Int] = []
    /// Where the piece of each entry ends in the answer, including the comma or bracket after it.
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
    /// The start of an answer up to the second, which many answers share.
    var second = Int64.min
    var head = ""
  }

  private let head: String
  private let state = Mutex(State())

  init(cluster: String, balancer: InstanceID) throws {
    let name = String(decoding: try WireJSON.encode(cluster), as: UTF8.self)
    head = #"{"cluster":\#(name),"balancer":"\#(balancer)","issuedAt":""#
  }

  /// The bytes of the answer.
  func answer(
    _ list: HandshakeView, for kind: ClientKind, sequence: Int64, at: Timestamp
  ) -> ByteBuffer {
    let series = Series(kind: kind, isCut: list.isCut)
    let (start, last) = state.withLock { state in
      let second = at.milliseconds / 1_000
      if state.second != second {
        // The time ends with milliseconds and Z.
        (state.second, state.head) = (second, head + "\(at)".dropLast(4))
      }
      return (state.head, state.written[series] ?? Written())
    }
    var answer = ByteBufferAllocator().buffer(capacity: 256 + list.count * 144)
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

  /// Writes the servers. Between two answers a server or two move; the runs between them are copied
  /// whole.
  private static func write(
    _ list: HandshakeView, into answer: inout ByteBuffer, after last: Written
  ) -> Written {
    var next = Written(stamps: list.stamps, start: answer.writerIndex)
    next.ends.reserveCapacity(next.stamps.count)
    var (index, place) = (0, 0)
    while index < next.stamps.count {
      let stamp = next.stamps[index]
      // If it is not in its place, the earlier one moved, or it is new.
      let found =
        last.has(stamp, at: place)
        ? place : last.has(stamp, at: place + 1) ? place + 1 : nil
      guard let found else {
        write(list[index], into: &answer)
        next.ends.append(answer.writerIndex)
        index += 1
        continue
      }
      let length = alike(next.stamps, from: index, last.stamps, from: found)
      let run = last.begin(of: found)..<last.ends[found + length - 1]
      let shift = answer.writerIndex - run.lowerBound
      copy(run, of: last, into: &answer)
      for end in last.ends[found..<found + length] { next.ends.append(end + shift) }
      index += length
      place = found + length
    }
    if index > 0 { answer.moveWriterIndex(to: answer.writerIndex - 1) }
    return next
  }

  /// How many stamps are the same from these positions on.
  private static func alike(
    _ stamps: [Int], from start: Int, _ others: [Int], from place: Int
  ) -> Int {
    stamps.withUnsafeBufferPointer { stamps in
      others.withUnsafeBufferPointer { others in
        let most = min(stamps.count - start, others.count - place)
        var length = 0
        while length < most, stamps[start + length] == others[place + length] { length += 1 }
        return length
      }
    }
  }

  private static func copy(_ run: Range<Int>, of last: Written, into answer: inout ByteBuffer) {
    last.bytes.withVeryUnsafeBytes { bytes in
      _ = answer.writeBytes(UnsafeRawBufferPointer(rebasing: bytes[run]))
    }
    // The last piece may have been the last one of that answer, without a comma after it.
    answer.setInteger(UInt8(ascii: ","), at: answer.writerIndex - 1)
  }

  /// One server and a comma. Its id and address contain nothing that JSON must quote.
  private static func write(_ entry: HandshakeEntry, into answer: inout ByteBuffer) {
    let load = entry.load
    answer.writeStaticString("{\"id\":\"")
    answer.writeString(entry.id.text)
    answer.writeStaticString("\",\"address\":\"")
    answer.writeString(entry.address.description)
    answer.writeStaticString("\",\"connected\":")
    answer.writeString(String(load.connected))
    answer.writeStaticString(",\"reserved\":")
    answer.writeString(String(load.reserved))
    answer.writeStaticString(",\"maximum\":")
    answer.writeString(String(load.maximum))
    answer.writeStaticString(",\"workload\":")
    if let workload = load.workload {
      write(fourDecimals: workload, into: &answer)
    } else {
      answer.writeStaticString("null")
    }
    answer.writeStaticString(entry.tls ? ",\"tls\":true}," : "},")
  }

  /// Writes a workload as `roundedToFourDecimals` would, without the search for the shortest text
  /// of a floating-point number.
  private static func write(fourDecimals number: Double, into answer: inout ByteBuffer) {
    let parts = Int((number * 10_000).rounded())
    answer.writeString(String(parts / 10_000))
    answer.writeStaticString(".")
    var (rest, divisor) = (parts % 10_000, 1_000)
    repeat {
      answer.writeInteger(UInt8(ascii: "0") + UInt8(rest / divisor))
      (rest, divisor) = (rest % divisor, divisor / 10)
    } while rest > 0
  }
}

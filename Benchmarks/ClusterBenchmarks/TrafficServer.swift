internal import Glibc
internal import RealPrograms

/// What a connection of the traffic figures asks of the application behind it, as its first bytes.
struct TrafficWish {
  enum Kind: UInt8 {
    /// To be sent back whatever it sends; one message is under way at a time.
    case echo = 69
    /// To be sent this many bytes.
    case download = 68
    /// To send this many bytes, and to be answered with one.
    case upload = 85
  }

  /// The kind, and the number of bytes from the lowest on.
  static let length = 9

  let kind: Kind
  let count: Int

  init(_ kind: Kind, _ count: Int = 0) { (self.kind, self.count) = (kind, count) }

  init?(_ bytes: some Collection<UInt8>) {
    guard bytes.count == Self.length, let kind = bytes.first.flatMap(Kind.init(rawValue:)) else {
      return nil
    }
    self.init(kind, bytes.dropFirst().reversed().reduce(0) { $0 << 8 | Int($1) })
  }

  var bytes: [UInt8] {
    [kind.rawValue] + (0..<8).map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
  }
}

/// The application of the traffic figures, in a process of its own. One thread calls `poll`, so
/// that the application leaves the processor to the program that is measured.
final class TrafficServer {
  private struct Connection {
    /// Nil: it has not said it yet.
    var wish: TrafficWish.Kind?
    /// Bytes that are still to come or to go.
    var left = 0
  }

  /// The listening socket is the first.
  private var entries: [pollfd]
  private var connections = [Connection()]
  private var buffer = [UInt8](repeating: 0, count: 256 << 10)

  /// No call waits.
  private static let atOnce = Int32(MSG_DONTWAIT)

  private init(_ listener: LoopbackSocket) {
    entries = [pollfd(fd: listener.file, events: Int16(POLLIN), revents: 0)]
  }

  /// Serves until it is killed; says its port on standard output.
  static func serve() throws {
    let listener = try LoopbackSocket()
    let port = try listener.listen()
    Output.line("ready \(port)")
    TrafficServer(listener).run()
  }

  private func run() {
    while true {
      guard poll(&entries, nfds_t(entries.count), -1) > 0 else { continue }
      // From the last on: where one ends, the last takes its place.
      for place in entries.indices.reversed() where entries[place].revents != 0 {
        if place == 0 {
          accept()
        } else if !goOn(place) {
          close(entries[place].fd)
          entries.swapAt(place, entries.count - 1)
          connections.swapAt(place, entries.count - 1)
          entries.removeLast()
          connections.removeLast()
        }
      }
    }
  }

  private func accept() {
    let file = Glibc.accept(entries[0].fd, nil, nil)
    guard file >= 0 else { return }
    LoopbackSocket.sendAtOnce(file)
    entries.append(pollfd(fd: file, events: Int16(POLLIN), revents: 0))
    connections.append(Connection())
  }

  /// - Returns: False when the connection has ended.
  private func goOn(_ place: Int) -> Bool {
    let file = entries[place].fd
    switch connections[place].wish {
    case nil:
      // It comes in one piece: nothing on the way cuts so few bytes that were sent together.
      let count = recv(file, &buffer, TrafficWish.length, Self.atOnce)
      guard let wish = TrafficWish(buffer.prefix(max(count, 0))) else { return false }
      connections[place] = Connection(wish: wish.kind, left: wish.count)
      if wish.kind == .download { entries[place].events = Int16(POLLOUT) }
      return true
    case .echo:
      let count = recv(file, &buffer, buffer.count, Self.atOnce)
      return count > 0 && send(file, buffer, count, Self.atOnce) == count
    case .download:
      let most = min(connections[place].left, buffer.count)
      return pass(send(file, buffer, most, Self.atOnce), place)
    case .upload:
      let most = min(connections[place].left, buffer.count)
      guard pass(recv(file, &buffer, most, Self.atOnce), place) else { return false }
      return connections[place].wish != nil || send(file, buffer, 1, Self.atOnce) == 1
    }
  }

  /// This many bytes have come or gone.
  private func pass(_ count: Int, _ place: Int) -> Bool {
    guard count > 0 else { return count < 0 && errno == EAGAIN }
    connections[place].left -= count
    if connections[place].left == 0 {
      connections[place].wish = nil
      entries[place].events = Int16(POLLIN)
    }
    return true
  }
}

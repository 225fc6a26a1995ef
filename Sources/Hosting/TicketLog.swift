internal import ClusterModel

/// The tickets that arrived recently, with numbers, so that the feed of every balancer can report
/// each of them once, whenever it is read.
///
/// It is bounded in number, length and age. If a feed misses a ticket, a reservation ends by itself
/// some seconds later; no memory is lost.
struct TicketLog: Sendable {
  private struct Entry {
    var ticket: String
    var arrivedAt: Moment
  }

  /// The most tickets that are kept.
  static let capacity = 4_096
  /// The longest ticket that is kept, in bytes; those of balancers are much shorter.
  static let longestTicket = Limits.ticketBytes
  /// No reservation lasts longer than this.
  static let longestAgeMilliseconds: Int64 = 60_000
  /// The most tickets in one report; the rest follows with the next one.
  static let longestReport = Limits.ticketsPerEvent

  /// A ring once it is full: the entry with position `p` is at `p % capacity`.
  private var entries: [Entry] = []
  /// The position of the next ticket.
  private(set) var end = 0

  private var start: Int { end - entries.count }

  /// Adds a ticket. Ignores a ticket that is too long: no balancer issues such tickets.
  mutating func append(_ ticket: String, at now: Moment) {
    guard !ticket.isEmpty, ticket.utf8.count <= Self.longestTicket else { return }
    let entry = Entry(ticket: ticket, arrivedAt: now)
    if entries.count < Self.capacity {
      entries.append(entry)
    } else {
      entries[end % Self.capacity] = entry
    }
    end += 1
  }

  /// Returns the kept tickets from `position` on, and moves the position past them.
  func tickets(from position: inout Int, now: Moment) -> [String] {
    position = max(position, start)
    var tickets: [String] = []
    while position < end, tickets.count < Self.longestReport {
      let entry = entries[position % Self.capacity]
      if now.milliseconds(since: entry.arrivedAt) <= Self.longestAgeMilliseconds {
        tickets.append(entry.ticket)
      }
      position += 1
    }
    return tickets
  }
}

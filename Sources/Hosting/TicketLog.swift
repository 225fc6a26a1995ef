internal import ClusterModel

/// The tickets that arrived lately, numbered, so that the feed of every balancer can tell each
/// of them once, whenever it reads.
///
/// Bounded in number, length and age: a ticket that a feed misses costs a reservation that ends
/// by itself some seconds later, never memory.
struct TicketLog: Sendable {
  private struct Entry {
    var ticket: String
    var arrivedAt: Moment
  }

  /// Most tickets kept.
  static let capacity = 4_096
  /// Longest ticket kept, in bytes; no balancer makes one nearly as long.
  static let longestTicket = Limits.ticketBytes
  /// No reservation lasts longer.
  static let longestAgeMilliseconds: Int64 = 60_000
  /// Most tickets told at once; the rest follows with the next report.
  static let longestReport = Limits.ticketsPerEvent

  /// A ring once it is full: the entry of position `p` is at `p % capacity`.
  private var entries: [Entry] = []
  /// Position of the next ticket.
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

  /// The tickets from `position` on that are still kept, and moves the position past them.
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

internal import ClusterModel

/// The servers that came into the list recently, and how many of the new clients each of them gets.
/// The share rises from nothing to twice the plain share (one part of the servers) over the time of
/// the slow start.
///
///     2/n ┤          ╱
///     1/n ┤     ╱          over the whole time it is given 1/n, and at no moment of it more than
///       0 ┼╱──────────     2/n of all that came: never a rush onto an empty server
///
/// A server that has used up its share comes after the others of the list. If those are full, it
/// gets all clients: no client waits for the sake of a share.
struct SlowStarts: Sendable {
  private struct Ramp {
    /// The start, by the monotonic clock.
    var beganAt: Int64
    /// The end, for people.
    var until: Timestamp
    /// How many clients it may still get. Below 1 it is held back.
    var credit = 0.0
  }

  /// The length of a slow start; 0: there is none.
  let milliseconds: Int64
  private var ramps: [InstanceID: Ramp] = [:]

  init(milliseconds: Int64) { self.milliseconds = milliseconds }

  /// A server came into the list.
  mutating func begin(_ id: InstanceID, now: Int64, wall: Timestamp) {
    guard milliseconds > 0 else { return }
    ramps[id] = Ramp(beganAt: now, until: wall.adding(milliseconds: milliseconds))
  }

  /// A server left the list.
  mutating func drop(_ id: InstanceID) { ramps[id] = nil }

  /// Whether it comes after the others.
  func holdsBack(_ id: InstanceID) -> Bool { ramps[id].map { $0.credit < 1 } ?? false }

  func until(_ id: InstanceID) -> Timestamp? { ramps[id]?.until }

  var isEmpty: Bool { ramps.isEmpty }

  /// A new client came: each server that takes such clients has earned a part of it.
  ///
  /// - Parameter list: The servers that it may go to.
  /// - Returns: The servers that are no longer held back.
  mutating func arrived(among list: HandshakeOrder, now: Int64) -> [InstanceID] {
    let servers = list.slots.count
    var freed: [InstanceID] = []
    for (id, ramp) in ramps where list.contains(id) {
      let share = Double(min(max(0, now - ramp.beganAt), milliseconds)) / Double(milliseconds)
      let credit = ramp.credit + 2 * share / Double(servers)
      ramps[id]?.credit = credit
      if ramp.credit < 1, credit >= 1 { freed.append(id) }
    }
    return freed.sorted()
  }

  /// The client was sent to this server.
  ///
  /// - Returns: Whether it is held back from now on and was not before.
  mutating func took(_ id: InstanceID) -> Bool {
    guard let credit = ramps[id]?.credit, credit >= 1 else { return false }
    ramps[id]?.credit = credit - 1
    return credit < 2
  }

  /// Ends those whose time is over.
  mutating func expire(now: Int64) -> [InstanceID] {
    guard !ramps.isEmpty else { return [] }
    let over = ramps.filter { now - $0.value.beganAt >= milliseconds }.keys.sorted()
    for id in over { ramps[id] = nil }
    return over
  }
}

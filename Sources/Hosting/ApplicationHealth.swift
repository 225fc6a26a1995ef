package import ClusterModel

/// Whether the application behind an instance is up, as a value: what was tried and time go in,
/// what is to be tried next and whether clients may come go out.
///
///     checks and CONNECTs ──▶ outage ─────────┐
///     ends of tunnels ──────▶ BlackHoleGuard ─┴─▶ down: since when, and why
///
/// While it is down, no new session opens; open ones stay, and may try.
package struct ApplicationHealth: Sendable {
  /// What an operator lets the instance do.
  package struct Terms: Hashable, Sendable {
    /// It opens connections of its own to see whether the application is there. Otherwise it goes
    /// by those of clients.
    package var checks: Bool
    /// It keeps clients away from an application that ends every connection at once.
    package var guards: Bool

    package init(checks: Bool = true, guards: Bool = true) {
      self.checks = checks
      self.guards = guards
    }
  }

  /// A connection of the instance's own.
  package enum Probe: Hashable, Sendable {
    /// Opened, and closed at once.
    case connection
    /// Opened, and left silent for `brokenMilliseconds`. It is never half-closed: an application
    /// may answer that with its own end.
    case silence
  }

  /// The result of one.
  package enum ProbeResult: Hashable, Sendable {
    case opened
    /// The application closed it within that time, and sent nothing.
    case endedAtOnce
    /// Why it could not be opened.
    case failed(String)
  }

  /// Between two checks, while no tunnel is open.
  package static let checkMilliseconds: Int64 = 10_000
  /// Between two checks while it is down, and how long one failure counts without checks.
  package static let retryMilliseconds: Int64 = 2_000
  /// A tunnel that the application ends within this time, without a byte, is broken.
  package static let brokenMilliseconds: Int64 = 1_000

  private let terms: Terms
  /// It could not be reached.
  private var outage: ApplicationStatus?
  /// When it is looked at again; at first, at once.
  private var checkAt: Int64 = .min
  /// A client's connection failed: it is looked at whatever tunnels are open.
  private var isDoubted = true
  /// A connection of the instance's own is under way.
  private var isProbing = false
  private var hole = BlackHoleGuard()

  package init(_ terms: Terms = Terms()) { self.terms = terms }

  /// Since when no new sessions are taken, and why; nil: it is up, as far as is known.
  package var down: ApplicationStatus? { outage ?? hole.down }

  // MARK: Time

  /// What is to be tried now, after which `probed` is called; nil: nothing.
  ///
  /// - Parameter connections: Tunnels that are open.
  package mutating func tick(connections: Int, now: Moment) -> Probe? {
    let time = now.monotonicMilliseconds
    hole.tick(now: time)
    guard !isProbing else { return nil }
    if hole.wantsProof {
      isProbing = true
      return .silence
    }
    guard time >= checkAt else { return nil }
    checkAt = time + Self.checkMilliseconds
    guard terms.checks else {
      // One failure says nothing of the next client.
      outage = nil
      return nil
    }
    isProbing = isDoubted || outage != nil || connections == 0
    isDoubted = false
    return isProbing ? .connection : nil
  }

  /// When `tick` is worth calling next, in monotonic milliseconds; nil: after the next event.
  package var nextTick: Int64? {
    guard !isProbing else { return hole.nextTick }
    if hole.wantsProof { return .min }
    let next = terms.checks || outage != nil ? checkAt : nil
    return [next, hole.nextTick].compactMap { $0 }.min()
  }

  /// A connection of the instance's own came to something, or to nothing.
  package mutating func probed(_ probe: Probe, _ result: ProbeResult, now: Moment) {
    let proof: Bool? =
      switch result {
      case .opened: false
      case .endedAtOnce: true
      case .failed: nil
      }
    isProbing = false
    if case .failed(let reason) = result { failed(reason, now: now) } else { reached(now: now) }
    if probe == .silence { hole.proved(proof, now: now) }
  }

  private mutating func reached(now: Moment) {
    outage = nil
    // A client may have failed after this look began.
    checkAt = now.monotonicMilliseconds + (isDoubted ? 0 : Self.checkMilliseconds)
  }

  private mutating func failed(_ reason: String, now: Moment) {
    let words = PlainText.cut(reason, to: Limits.quotedCharacters)
    outage = ApplicationStatus(.down, since: outage?.since ?? now.wall, reason: words)
    checkAt = now.monotonicMilliseconds + Self.retryMilliseconds
  }

  // MARK: Clients

  /// A client's connection was opened.
  package mutating func connected() { outage = nil }

  /// A client's connection could not be opened.
  package mutating func connectFailed(_ reason: String, now: Moment) {
    guard terms.checks else { return failed(reason, now: now) }
    guard outage == nil else { return }  // it is looked at in a moment
    isDoubted = true
    checkAt = now.monotonicMilliseconds
  }

  /// The application ended a tunnel within `brokenMilliseconds`, and sent nothing.
  package mutating func tunnelBroke() {
    if terms.guards { hole.tunnelBroke() }
  }

  /// A tunnel brought a byte of the application, or lasted.
  package mutating func tunnelHeld() {
    if terms.guards { hole.tunnelHeld() }
  }

  /// A session was opened.
  mutating func admitted(_ session: String, now: Moment) {
    hole.admitted(session, now: now.monotonicMilliseconds)
  }

  /// A session is over.
  mutating func left(_ session: String) { hole.left(session) }
}

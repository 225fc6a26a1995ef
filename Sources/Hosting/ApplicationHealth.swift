package import ClusterModel

/// Decides whether the application behind an instance is up, as a value: results of tries and time
/// go in; the next try, and whether clients may come, come out.
///
///     checks and CONNECTs ──▶ outage ─────────┐
///     ends of tunnels ──────▶ BlackHoleGuard ─┴─▶ down: since when, and why
///
/// While it is down, no new session opens. Open sessions stay and may try.
package struct ApplicationHealth: Sendable {
  /// The checks that an operator allows.
  package struct Terms: Hashable, Sendable {
    /// Whether the instance opens its own connections to check the application. Otherwise only
    /// clients' connections count.
    package var checks: Bool
    /// Whether the instance keeps clients away from an application that ends every connection at
    /// once.
    package var guards: Bool

    package init(checks: Bool = true, guards: Bool = true) {
      self.checks = checks
      self.guards = guards
    }
  }

  /// A connection that the instance opens as a check.
  package enum Probe: Hashable, Sendable {
    /// Opened and closed at once.
    case connection
    /// Opened and kept silent for `brokenMilliseconds`. It is never half-closed, because an
    /// application may answer that by closing, too.
    case silence
  }

  /// The result of a check.
  package enum ProbeResult: Hashable, Sendable {
    case opened
    /// The application closed it within that time and sent nothing.
    case endedAtOnce
    /// Why it could not be opened.
    case failed(String)
  }

  /// The pause between two checks while no tunnel is open.
  package static let checkMilliseconds: Int64 = 10_000
  /// The pause between two checks while it is down. Without checks, one failure counts for this
  /// long.
  package static let retryMilliseconds: Int64 = 2_000
  /// A tunnel is broken if the application ends it within this time without a byte.
  package static let brokenMilliseconds: Int64 = 1_000

  private let terms: Terms
  /// Why it could not be reached; nil: it could.
  private var outage: ApplicationStatus?
  /// When the next check is due; the first one is due at once.
  private var checkAt: Int64 = .min
  /// Whether a client's connection has failed, so that a check is due even if tunnels are open.
  private var isDoubted = true
  /// Whether a check is in progress.
  private var isProbing = false
  private var hole = BlackHoleGuard()

  package init(_ terms: Terms = Terms()) { self.terms = terms }

  /// Why and since when no new sessions are taken; nil: it is up, as far as is known.
  package var down: ApplicationStatus? { outage ?? hole.down }

  // MARK: Time

  /// The check to make now; call `probed` after it. Nil: none.
  ///
  /// - Parameter connections: The number of open tunnels.
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
      // One failure says nothing about the next client.
      outage = nil
      return nil
    }
    isProbing = isDoubted || outage != nil || connections == 0
    isDoubted = false
    return isProbing ? .connection : nil
  }

  /// When to call `tick` next, in monotonic milliseconds; nil: after the next event.
  package var nextTick: Int64? {
    guard !isProbing else { return hole.nextTick }
    if hole.wantsProof { return .min }
    let next = terms.checks || outage != nil ? checkAt : nil
    return [next, hole.nextTick].compactMap { $0 }.min()
  }

  /// Takes the result of a check.
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
    // A client may have failed after this check began.
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

  /// The application ended a tunnel within `brokenMilliseconds` and sent nothing.
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

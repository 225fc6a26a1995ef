internal import ClusterModel

/// Keeps clients away from an application that accepts every connection and ends it at once.
/// Otherwise its server would be the emptiest of the cluster and get all clients.
///
///              8 of 10 broke, and a silent connection, too
///     open ───────────────────────────────────▶ shut for 5 s ──time──▶ trying, one at a time
///      ▲                                          ▲   10, 20, … 60 s       │    │
///      │                                          └──── it broke, too ─────┘    │
///      └──────────────────────── a tunnel holds ────────────────────────────────┘
///
/// Strangers can also make their tunnels end at once by what they send. So only a connection of the
/// instance itself, which sends nothing, can shut it.
struct BlackHoleGuard: Sendable {
  private enum Phase {
    case open
    case shut(until: Int64, pause: Int64)
    case trying(pause: Int64, Trial?)
  }

  /// The only session that is admitted.
  private struct Trial {
    var session: String
    /// A session that opens no tunnel keeps others out no longer than this.
    var until: Int64
  }

  private static let remembered = 10
  private static let enough = 8
  private static let shortestPause: Int64 = 5_000
  private static let longestPause: Int64 = 60_000
  private static let longestTrial: Int64 = 10_000
  /// The name of this state, wherever it is shown.
  static let words = "black hole: it ends every connection within a second and sends nothing"

  private var phase = Phase.open
  private var since: Timestamp?
  /// Whether each of the last tunnels broke.
  private var broken: [Bool] = []
  /// Whether a silent connection should be tried.
  private(set) var wantsProof = false

  /// Why and since when no new session opens; nil: clients may come.
  var down: ApplicationStatus? {
    switch phase {
    case .open: return nil
    case .trying(_, nil) where !wantsProof: return nil
    case .shut, .trying: break
    }
    return since.map { ApplicationStatus(.down, since: $0, reason: Self.words) }
  }

  mutating func tick(now: Int64) {
    switch phase {
    case .open: break
    case .shut(let until, let pause):
      if now >= until { phase = .trying(pause: pause, nil) }
    case .trying(let pause, let trial):
      if let trial, now >= trial.until { phase = .trying(pause: pause, nil) }
    }
  }

  /// When to call `tick` next; nil: after the next event.
  var nextTick: Int64? {
    switch phase {
    case .open: nil
    case .shut(let until, _): until
    case .trying(_, let trial): trial?.until
    }
  }

  mutating func admitted(_ session: String, now: Int64) {
    guard case .trying(let pause, nil) = phase else { return }
    phase = .trying(pause: pause, Trial(session: session, until: now + Self.longestTrial))
  }

  mutating func left(_ session: String) {
    guard case .trying(let pause, let trial?) = phase, trial.session == session else { return }
    phase = .trying(pause: pause, nil)
  }

  mutating func tunnelBroke() {
    note(isBroken: true)
    switch phase {
    case .open: wantsProof = wantsProof || broken.count { $0 } >= Self.enough
    case .trying: wantsProof = true
    case .shut: break
    }
  }

  mutating func tunnelHeld() {
    note(isBroken: false)
    if case .trying = phase { reopen() }
  }

  private mutating func note(isBroken: Bool) {
    broken.append(isBroken)
    if broken.count > Self.remembered { broken.removeFirst() }
  }

  /// Takes the result of the silent connection.
  ///
  /// - Parameter endedAtOnce: Nil: it could not be opened, which says nothing here.
  mutating func proved(_ endedAtOnce: Bool?, now: Moment) {
    wantsProof = false
    guard let endedAtOnce else { return }
    guard endedAtOnce else { return reopen() }
    let pause: Int64
    switch phase {
    case .open: pause = Self.shortestPause
    case .trying(let before, _): pause = min(2 * before, Self.longestPause)
    case .shut: return
    }
    since = since ?? now.wall
    phase = .shut(until: now.monotonicMilliseconds + pause, pause: pause)
  }

  private mutating func reopen() {
    (phase, since, broken) = (.open, nil, [])
  }
}

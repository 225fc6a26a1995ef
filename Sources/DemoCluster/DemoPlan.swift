package import ClusterModel

/// The size of a demo cluster and how busy it is. The same seed gives the same people.
package struct DemoPlan: Sendable {
  /// One server of the demo.
  package struct Server: Equatable, Sendable {
    package var id: InstanceID
    package var services: ServerServices
    package var maximum: Int
  }

  /// The number of servers, 1 to `mostInstances`.
  package var instances: Int
  package var seed: UInt64
  /// How many times faster than real time; above 0.
  package var speed: Double
  /// Whether a server is drained and another one lost for a while, both in the first minute.
  package var hasIncidents: Bool

  /// The number of servers that aostop is measured with. (Dynamics AX allows 99.)
  package static let mostInstances = 1_000

  package init(
    instances: Int = 8, seed: UInt64 = 1, speed: Double = 1, hasIncidents: Bool = false
  ) {
    self.instances = instances
    self.seed = seed
    self.speed = speed
    self.hasIncidents = hasIncidents
  }

  /// Around the 50 to 60 users that are usually planned for an AOS.
  private static let sizes = [60, 40, 80, 60, 30, 100, 50, 20]

  /// The servers. They have different sizes; the last of several serves only batch.
  package var servers: [Server] {
    (0..<instances).compactMap { place in
      let number = place + 1
      let isBatch = instances > 1 && number == instances
      let name = number < 10 ? "AOS0\(number)" : "AOS\(number)"
      return (try? InstanceID(name)).map { id in
        Server(
          id: id, services: isBatch ? .batch : place == 0 ? .both : .application,
          maximum: isBatch ? 20 : Self.sizes[place % Self.sizes.count])
      }
    }
  }
}

/// Decides who logs on and who leaves, step by step. It is pure and has its own random generator.
package struct DemoCrowd: Sendable {
  /// Someone at a computer.
  package struct Person: Equatable, Sendable {
    package var user: String
    package var computer: String
    package var kind: ClientKind
  }

  /// The events of one step.
  package struct Step: Equatable, Sendable {
    package var arriving: [Person] = []
    /// How many of the people with a session leave, for each kind.
    package var leaving: [ClientKind: Int] = [:]
  }

  /// The mean length of a session at speed 1.
  static let sessionSeconds = 90.0
  /// The demo's morning and evening, in seconds.
  private static let tideSeconds = 240.0
  private static let users = [
    "ana", "ben", "carla", "dieter", "eva", "farid", "gina", "hugo", "ines", "jonas", "karin",
    "luis", "marta", "nils", "olga", "pavel", "rosa", "sven", "tara", "uwe", "vera", "wim",
  ]

  private let places: [ClientKind: Int]
  private let speed: Double
  private var random: SplitMix64
  private var seconds = 0.0
  private var arrivals = 0

  package init(_ plan: DemoPlan) {
    random = SplitMix64(seed: plan.seed)
    speed = plan.speed
    var places: [ClientKind: Int] = [:]
    for server in plan.servers {
      let kind: ClientKind = server.services == .batch ? .batch : .client
      places[kind, default: 0] += server.maximum
    }
    self.places = places
  }

  /// The events of the next stretch of time.
  ///
  /// - Parameter present: How many of each kind have a session or are on their way to one.
  package mutating func step(
    milliseconds: Int64, present: [ClientKind: Int]
  ) -> Step {
    let passed = Double(milliseconds) / 1_000 * speed
    seconds += passed
    var step = Step()
    for kind in [ClientKind.client, .batch] {
      let (here, all) = (present[kind, default: 0], Double(places[kind, default: 0]))
      let leaving = min(here, chance(Double(here) * passed / Self.sessionSeconds))
      step.leaving[kind] = leaving
      let missing = all * Self.tide(kind, after: seconds) - Double(here - leaving)
      // The gap closes within a few seconds, since a demo that fills slowly looks dead.
      let arriving = missing > 0 ? min(chance(missing * min(passed * 0.4, 1)), 40) : 0
      for _ in 0..<arriving { step.arriving.append(nextPerson(kind)) }
    }
    return step
  }

  /// The share of all places that is taken: 0.40 to 0.75 for people, steadier for batch.
  ///
  /// - Parameter seconds: The time since the demo began; negative: before.
  static func tide(_ kind: ClientKind, after seconds: Double) -> Double {
    let turns = seconds / tideSeconds
    let phase = turns - turns.rounded(.down)
    let triangle = phase < 0.5 ? phase * 2 : 2 - phase * 2
    return kind == .batch ? 0.3 + 0.2 * triangle : 0.45 + 0.3 * triangle
  }

  /// The whole part, and one more with the probability of the rest.
  private mutating func chance(_ expected: Double) -> Int {
    let whole = expected.rounded(.down)
    return Int(whole) + (Double.random(in: 0..<1, using: &random) < expected - whole ? 1 : 0)
  }

  private mutating func nextPerson(_ kind: ClientKind) -> Person {
    arrivals += 1
    if kind == .batch {
      let number = arrivals % 40
      return Person(user: "batch\(number)", computer: "BATCH01", kind: .batch)
    }
    let user = Self.users[Int.random(in: 0..<Self.users.count, using: &random)]
    let computer = Int.random(in: 1...400, using: &random)
    return Person(user: user, computer: "PC\(computer)", kind: .client)
  }
}

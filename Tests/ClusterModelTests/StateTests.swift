import Testing

@testable import ClusterModel

/// What a person reads of an instance, and why it is in no list.
@Suite struct StateTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var change: @Sendable (inout InstanceStatus) -> Void
    var state: InstanceState
    /// For clients; for batch.
    var exclusions: [Exclusion?]

    init(
      _ name: String, _ state: InstanceState, _ exclusions: [Exclusion?],
      _ change: @escaping @Sendable (inout InstanceStatus) -> Void
    ) {
      (testDescription, self.state, self.exclusions, self.change) =
        (name, state, exclusions, change)
    }
  }

  /// Each starts from an accepting application server with 3 of 60.
  static let cases: [Case] = [
    Case("serves clients", .accepting, [nil, .applicationOnly]) { _ in },
    Case("serves both", .accepting, [nil, nil]) { $0.role = .known(.server(.both)) },
    Case("serves batch", .accepting, [.batchOnly, nil]) { $0.role = .known(.server(.batch)) },
    Case("is full, and stays in the list", .full, [nil, .applicationOnly]) {
      $0.load.connected = 60
    },
    Case("is over its limit", .full, [nil, .applicationOnly]) { $0.load.connected = 61 },
    Case("has places reserved, which fill nothing", .accepting, [nil, .applicationOnly]) {
      $0.load.reserved = 60
    },
    Case("takes nobody", .full, [.noCapacity, .applicationOnly]) {
      $0.load = Load(connected: 0, maximum: 0)
    },
    Case("drains", .draining(left: 3), [.rejectingClients, .rejectingClients]) {
      $0.admission = .known(.rejecting)
    },
    Case("is drained", .drained, [.rejectingClients, .rejectingClients]) {
      $0.admission = .known(.rejecting)
      $0.load.connected = 0
    },
    Case("is unlicensed, which comes before the drain", .unlicensed, [.unlicensed, .unlicensed]) {
      $0.admission = .known(.rejecting)
      $0.license = .unlicensed(reason: "no seat is free")
    },
    Case("said goodbye", .stopped, [.stopped, .stopped]) {
      $0.health = .known(.stopped)
      $0.license = .unlicensed(reason: "no seat is free")
    },
    Case("is away, which comes before the drain", .unreachable, [.unreachable, .unreachable]) {
      $0.health = .known(.unreachable)
      $0.admission = .known(.rejecting)
    },
    Case(
      "has an application that is down, which comes before the license", .applicationDown,
      [.applicationDown, .applicationDown]
    ) {
      $0.application = ApplicationStatus(.down, since: Timestamp(milliseconds: 0))
      $0.license = .unlicensed(reason: "no seat is free")
    },
    Case("is away with an application that is down", .unreachable, [.unreachable, .unreachable]) {
      $0.application = ApplicationStatus(.down, since: Timestamp(milliseconds: 0))
      $0.health = .known(.unreachable)
    },
    Case(
      "says a word of its application that a later release knows", .accepting,
      [nil, .applicationOnly]
    ) {
      $0.application = ApplicationStatus(.down, since: Timestamp(milliseconds: 0))
      $0.application?.state = .unrecognized("limping")
    },
    Case("was never seen", .notYetSeen, [.notYetSeen, .notYetSeen]) {
      $0.health = .known(.notYetSeen)
    },
    Case("balances", .balancing, [.dedicatedLoadBalancer, .dedicatedLoadBalancer]) {
      $0.role = .known(.loadBalancer)
      $0.license = .notRequired
    },
    Case(
      "is a balancer that is away", .unreachable,
      [.dedicatedLoadBalancer, .dedicatedLoadBalancer]
    ) {
      $0.role = .known(.loadBalancer)
      $0.health = .known(.unreachable)
    },
  ]

  @Test("an instance that …", arguments: cases)
  func states(example: Case) throws {
    var instance = InstanceStatus.example("AOS01")
    example.change(&instance)
    #expect(instance.state == example.state)
    #expect([.client, .batch].map(instance.derivedExclusion) == example.exclusions)
    #expect(instance.derivedExclusion(for: .service) != nil)
  }
}

extension InstanceStatus {
  /// An accepting application server with 3 of 60.
  static func example(_ id: String) -> InstanceStatus {
    InstanceStatus(
      RegisteredInstance(
        id: .named(id), reach: InstanceReach(.example),
        profile: InstanceProfile(role: .server(.application), ownMaximum: 60),
        record: AdmissionRecord(.accepting, at: Timestamp(milliseconds: 0), by: "alice"), seat: 1),
      delivered: true, health: .alive, healthSince: Timestamp(milliseconds: 0),
      load: Load(connected: 3, maximum: 60))
  }
}

extension InstanceID {
  /// For ids that stand in a test.
  static func named(_ text: String) -> InstanceID {
    do { return try InstanceID(text) } catch { preconditionFailure("\(error)") }
  }
}

extension Address {
  static let example: Address = {
    do { return try Address("10.0.0.1:2712") } catch { preconditionFailure("\(error)") }
  }()
}

import Balancing
import ClusterModel
import Testing

/// A shell around the machine, with a registry of its own.
private struct Shell {
  var cluster: Cluster
  var machine: MutationMachine

  init(_ mutation: Mutation, at cluster: Cluster, isDryRun: Bool = false) {
    self.cluster = cluster
    machine = MutationMachine(
      MutationMachine.Request(
        mutation, actor: "ana", acknowledged: Set(ImpactWarning.allCases), isDryRun: isDryRun),
      askedOf: cluster.balancer, at: cluster.now.wall)
  }

  init(_ command: OperatorCommand, at cluster: Cluster, isDryRun: Bool = false) {
    self.init(.command(command), at: cluster, isDryRun: isDryRun)
  }

  /// The registry carries the change out, and numbers it.
  ///
  /// - Parameter isRepeat: It did so before.
  mutating func commit(isRepeat: Bool = false) throws {
    guard case .commit(let transaction) = machine.step else {
      throw InvalidValue(field: "step", complaint: "is \(machine.step)")
    }
    var decided = cluster.contents
    let drafts = try transaction.decide(on: &decided)
    let difference = RegistryDifference(from: cluster.contents, to: decided, at: transaction.at)
    cluster.contents = difference.contents
    let actions = difference.marked(drafts).enumerated().map { place, draft in
      ActionRecord(
        id: Int64(place) + 1, at: transaction.at, actor: "ana", action: draft.action,
        instance: draft.instance, reason: draft.reason, result: draft.result,
        delivered: draft.delivered)
    }
    let commit = RegistryCommit(
      contents: difference.contents, revision: difference.contents.revision,
      concerned: difference.concerned, actions: actions, isRepeat: isRepeat)
    cluster.effects = machine.committed(commit, in: &cluster.balancer, now: cluster.now)
  }

  mutating func delivered(_ isDelivered: Bool) {
    machine.delivered(isDelivered, in: cluster.balancer)
  }

  /// What is to be done next, in words.
  var next: String {
    switch machine.step {
    case .locate(let hosts): "locate \(hosts.joined(separator: " "))"
    case .read: "read"
    case .commit: "commit"
    case .awaitDelivery(let ids): "await \(ids.map(\.text).joined(separator: " "))"
    case .confirm(let obeyed): "confirm \(obeyed.keys.sorted().map(\.text).joined(separator: " "))"
    case .done: "answer"
    }
  }

  var outcome: MutationMachine.Outcome? {
    if case .done(let outcome) = machine.step { outcome } else { nil }
  }
}

@Suite("A change on its way")
struct MutationMachineTests {
  private func cluster() throws -> (Cluster, InstanceID) {
    var cluster = try Cluster()
    try cluster.join("AOS01")
    try cluster.join("AOS02")
    return (cluster, try InstanceID("AOS01"))
  }

  @Test("is committed, delivered, written down as delivered, and answered")
  func whole() throws {
    let (cluster, one) = try cluster()
    var shell = Shell(.drain([one]), at: cluster)
    try shell.commit()
    #expect(shell.cluster.effects == [.deliver(one)])
    #expect(shell.cluster.balancer.collectRecorded().map(\.action) == [.known(.drain)])
    #expect(shell.next == "await AOS01")
    let revision = shell.cluster.contents.revision
    #expect(shell.cluster.balancer.deliveryOutcome(of: [one]) == nil)
    shell.cluster.balancer.obeys(one, revision: revision)
    #expect(shell.cluster.balancer.deliveryOutcome(of: [one]) == true)
    shell.delivered(true)
    #expect(shell.next == "confirm AOS01")
    shell.machine.confirmed()
    #expect(shell.outcome?.isDelivered == true)
    #expect(shell.outcome?.impact.handshakeList == [try InstanceID("AOS02")])
    let statuses = shell.outcome?.statuses(in: shell.cluster.balancer)
    #expect(statuses?.map(\.admission) == [.known(.rejecting)])
  }

  @Test("is answered as not delivered when its time is over, and is not written down as such")
  func late() throws {
    let (cluster, one) = try cluster()
    var shell = Shell(.drain([one]), at: cluster)
    try shell.commit()
    shell.delivered(false)
    #expect(shell.outcome?.isDelivered == false)
  }

  @Test("that is sent again waits for delivery, and writes nothing down a second time")
  func again() throws {
    let (cluster, one) = try cluster()
    var shell = Shell(.drain([one]), at: cluster)
    try shell.commit(isRepeat: true)
    shell.cluster.balancer.obeys(one, revision: shell.cluster.contents.revision)
    #expect(shell.next == "await AOS01")
    shell.delivered(true)
    #expect(shell.outcome?.isDelivered == true)
  }

  @Test("that is a dry run reads, decides, and commits nothing")
  func dryRun() throws {
    let (cluster, one) = try cluster()
    var shell = Shell(.drain([one]), at: cluster, isDryRun: true)
    #expect(shell.next == "read")
    try shell.machine.read(cluster.contents)
    #expect(shell.outcome?.commit == nil)
    #expect(shell.outcome?.isDelivered == false)
    #expect(shell.outcome?.impact.handshakeList == [try InstanceID("AOS02")])
    #expect(shell.outcome?.statuses(in: cluster.balancer).map(\.admission) == [.known(.rejecting)])
    #expect(try cluster.status("AOS01").admission == .accepting)
  }

  @Test("that is refused in a dry run is refused as it would be in the transaction")
  func refused() throws {
    let (cluster, _) = try cluster()
    let stranger = try InstanceID("AOS77")
    var shell = Shell(.enable([stranger]), at: cluster, isDryRun: true)
    #expect(throws: MutationRefusal.unknown(stranger)) { try shell.machine.read(cluster.contents) }
    shell = Shell(.enable([stranger]), at: cluster)
    #expect(throws: MutationRefusal.unknown(stranger)) { try shell.commit() }
  }

  @Test("that brings a new address has the hosts looked up that have its port, and no others")
  func lookUp() throws {
    let (cluster, one) = try cluster()
    let port = try #require(cluster.contents.instances[InstanceID("AOS02")]).address.port
    let rival = try Address(host: "localhost", port: port)
    var shell = Shell(.add(try InstanceID("AOS09"), at: rival, accept: true), at: cluster)
    // A plain number stands for itself: it is not looked up.
    #expect(shell.next == "locate localhost")
    shell.machine.located(AddressBook(places: ["localhost": ["127.0.0.1"]]))
    #expect(throws: MutationRefusal.addressTaken(rival, by: try InstanceID("AOS02"))) {
      try shell.commit()
    }
    let alone = try Address("localhost:9")
    shell = Shell(.add(try InstanceID("AOS09"), at: alone, accept: true), at: cluster)
    #expect(shell.next == "commit")
    let same = Joining(
      reach: InstanceReach(try #require(cluster.contents.instances[one]).address),
      profile: InstanceProfile(role: .server(.both), ownMaximum: 10))
    shell = Shell(.join(one, same), at: cluster)
    #expect(shell.next == "commit")
    // Nobody waits for the delivery of a join: its order comes with the answer.
    try shell.commit()
    #expect(shell.next == "answer")
  }

  @Test("in a registry that went back to a copy is answered at once: what is obeyed says nothing")
  func older() throws {
    var (cluster, one) = try cluster()
    let copy = cluster.contents
    for _ in 1...3 { try cluster.change(.limit([one], to: 5)) }
    cluster.contents = copy
    var shell = Shell(.drain([one]), at: cluster)
    try shell.commit()
    #expect(shell.outcome?.isDelivered == false)
  }
}

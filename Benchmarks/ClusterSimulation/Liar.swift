internal import Balancing
internal import ClusterModel
internal import Hosting

/// An instance that says of itself what is not true: in some runs there is one, from the beginning
/// to the end. It hosts its sessions as any other.
extension InstanceProcess {
  private func chance(_ probability: Double) -> Bool {
    Double(world.lying.next() >> 11) < probability * Double(UInt64(1) << 53)
  }

  private func pick(_ range: ClosedRange<Int64>) -> Int64 {
    Int64.random(in: range, using: &world.lying)
  }

  /// What it says that it obeys: mostly numbers and words that the registry never gave.
  func lie() -> ObeyClaim {
    world.faults[.falseOrder] += 1
    let known = world.registry.contents.revision
    let numbers = [0, known, known + 1, known + pick(2...1_000), Limits.revision - 1, .max]
    let number = numbers[Int(pick(0...5))]
    var claim = ObeyClaim(revision: number, digest: chance(0.5) ? "1:\(pick(0...99))" : nil)
    if chance(0.3) { claim.proof = .refused(reason: "the signature is wrong") }
    if world.sabotage == .believesLies, var forged = hosting?.desired {
      forged.revision = min(number, Limits.revision - 1)
      claim.proof = .document(forged)
    }
    return claim
  }

  /// Its load, made up.
  func madeUpLoad() -> LoadFeedEvent {
    world.faults[.falseCount] += 1
    let tickets = (0..<pick(0...3)).map { _ in "LB1-1-\(pick(1...50))x" }
    return .load(connected: Int(pick(0...Int64(Limits.sessions))), tickets: tickets)
  }

  /// Says hello again and again, each time as somebody else of itself.
  func flood(_ link: Link) {
    guard chance(0.4) else { return }
    world.faults[.helloFlood] += 1
    for _ in 0..<pick(5...80) {
      let role = Role.server(chance(0.5) ? .both : .batch)
      let hello = LoadFeedHello(
        id: id, cluster: hosting?.cluster ?? "",
        profile: InstanceProfile(role: role, ownMaximum: Int(pick(0...9))),
        startedAt: Timestamp(milliseconds: pick(0...4_000_000_000_000)), version: "1", claim: lie())
      link.put(.load(.hello(hello)), to: link.client)
    }
  }

  /// Now and then asks to join as an instance that the balancer sees alive.
  func joinInOtherNames() {
    after(pick(1_000...8_000)) {
      defer { self.joinInOtherNames() }
      let balancer = self.world.balancers[Int(self.pick(0...1))]
      guard balancer.isUp, let machine = balancer.balancer else { return }
      let others = self.world.instances.map(\.id).filter {
        $0 != self.id && machine.status(of: $0)?.health == .alive
      }
      guard !others.isEmpty else { return }
      let other = others[Int(self.pick(0...Int64(others.count - 1)))]
      self.world.faults[.falseJoin] += 1
      let joining = Joining(
        reach: InstanceReach(self.address),
        profile: InstanceProfile(role: .server(.batch), ownMaximum: 9))
      balancer.join(other, joining, obeying: self.lie(), by: self.id) { answer in
        if case .joined = answer {
          self.world.expect(false, .othersDoNotNotice, "\(self.id) joined as \(other), alive")
        }
      }
    }
  }
}

extension World {
  /// A change that one instance brought about by what it said: it concerns that instance alone,
  /// and there are few of them.
  func checkLies(from old: RegistryContents, to new: RegistryContents, by actor: String) {
    guard let liar, actor == liar.text else { return }
    lies += 1
    expect(
      lies <= 30 + Int(now / 10_000), .othersDoNotNotice,
      "\(liar) has had the registry changed \(lies) times in \(now / 1_000) s")
    expect(
      new.revision <= old.revision + 1, .othersDoNotNotice,
      "\(liar) took the registry from revision \(old.revision) to \(new.revision)")
    for id in old.instances.keys.sorted() where id != liar {
      expect(
        old.instances[id] == new.instances[id], .othersDoNotNotice,
        "\(liar) had the row of \(id) changed")
    }
  }
}

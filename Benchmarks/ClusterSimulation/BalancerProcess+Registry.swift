internal import Balancing
internal import ClusterModel

extension BalancerProcess {
  typealias Outcome = Result<SimulatedRegistry.Commit, SimulatedRegistry.Failure>
  typealias Transaction = (
    SimulatedRegistry, World
  ) throws(MutationRefusal) -> SimulatedRegistry.Commit

  // MARK: One call

  /// Asks the registry: the transaction happens there, the answer comes later or not at all. Two
  /// answers may overtake each other on their way to the balancer's lock.
  func ask(_ transaction: @escaping Transaction, then answer: @escaping (Outcome) -> Void) {
    let asking = life
    let back = { (milliseconds: Int64, outcome: Outcome) in
      guard self.life == asking else { return }
      if case .failure(.unavailable) = outcome { self.hasOutage = true }
      if case .failure(.outcomeUnknown) = outcome { self.hasOutage = true }
      self.after(milliseconds) { answer(outcome) }
    }
    world.after(world.pick(0...8)) {
      let world = self.world
      guard self.isRegistryThere else {
        return back(world.pick(1...1_000), .failure(.unavailable))
      }
      let isLost = !world.isCalm && world.chance(0.01)
      if isLost {
        world.faults[.outcomeUnknown] += 1
        guard world.chance(0.5) else { return back(5, .failure(.outcomeUnknown)) }
      }
      do throws(MutationRefusal) {
        let commit = try transaction(world.registry, world)
        back(world.pick(0...8), isLost ? .failure(.outcomeUnknown) : .success(commit))
      } catch {
        back(world.pick(0...8), .failure(.refused(error)))
      }
    }
  }

  var isRegistryThere: Bool {
    !world.registry.isAway && !world.network.isCut(node, SimulatedNetwork.registry)
  }

  // MARK: News

  /// One look at the database: is it there, is there news.
  func lookForNews() {
    guard balancer != nil else { return }
    guard isRegistryThere else {
      if !hasOutage { becomes(.unavailable) }
      hasOutage = true
      return
    }
    if hasOutage {
      hasOutage = false
      becomes(.unavailable)  // where a call noticed it, or the connection was lost in a stall
      becomes(.available)
      return readAgain(afterOutage: true)
    }
    let writes = world.registry.foreignWrites(for: node)
    guard writes != seenWrites, world.sabotage != .missesNews else { return }
    seenWrites = writes
    readAgain()
  }

  private func becomes(_ state: BalancerStatus.Registry.State) {
    run { balancer, _ in
      balancer.registryBecame(state)
      return []
    }
  }

  private func readAgain(afterOutage: Bool = false) {
    read { outcome in
      guard case .success(let commit) = outcome else { return }
      let contents = commit.kept.contents
      switch contents.instances[self.id]?.isRemoved {
      case false: self.apply(contents, afterOutage: afterOutage)
      case true: self.expelled()
      case nil:
        // The copy from which the registry was restored is older than this balancer.
        self.register { outcome in
          guard case .success(let commit) = outcome else {
            self.hasOutage = true
            return
          }
          self.apply(commit.kept.contents, afterOutage: afterOutage)
        }
      }
    }
    read { outcome in
      guard case .success(let commit) = outcome else { return }
      self.balancer?.record(news: commit.kept.actions)
      self.tellActions()
    }
  }

  func read(then answer: @escaping (Outcome) -> Void) {
    ask { registry, _ throws(MutationRefusal) in
      registry.answer(registry.lastActions)
    } then: {
      answer($0)
    }
  }

  /// What was read is what counts now.
  private func apply(_ contents: RegistryContents, afterOutage: Bool) {
    run { $0.registryChanged(to: contents, afterOutage: afterOutage, now: $1) }
    goBack(from: contents)
  }

  /// The mistake of believing whatever was read last.
  func goBack(from contents: RegistryContents) {
    guard world.sabotage == .takesOldContents, contents.revision > 2, world.chance(0.1),
      let old = world.registry.lines[world.registry.lastLine].version(contents.revision - 2)
    else { return }
    run { balancer, now in
      balancer.registryBecame(.unavailable)
      balancer.registryBecame(.available)
      return balancer.registryChanged(to: old, afterOutage: true, now: now)
    }
  }

  /// An operator makes a token the owner of an id.
  func assign(_ id: InstanceID, to owner: InstanceOwner) {
    let (at, node) = (moment.wall, node)
    let request = MutationMachine.Request(.asked(id), actor: ActionActor(.unix, "root"))
    ask { registry, world throws(MutationRefusal) in
      try registry.change(request, at: at, by: node, in: world) { contents in
        (try? contents.give([id], to: owner.text, at: at)).map { [$0] } ?? []
      }
    } then: { outcome in
      guard case .success(let commit) = outcome else { return }
      self.apply(commit.kept.contents, afterOutage: false)
    }
  }
}

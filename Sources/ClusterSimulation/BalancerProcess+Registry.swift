internal import Balancing
internal import ClusterModel

extension BalancerProcess {
  typealias Outcome = Result<SimulatedRegistry.Commit, SimulatedRegistry.Failure>
  typealias Transaction = (
    SimulatedRegistry, World
  ) throws(Balancing.Refusal) -> SimulatedRegistry.Commit

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
      do throws(Balancing.Refusal) {
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
    read { commit in
      switch commit.contents.instances[self.id]?.isRemoved {
      case false: self.take(commit.contents, afterOutage: afterOutage)
      case true: self.expelled()
      case nil:
        // The copy from which the registry was restored is older than this balancer.
        self.register { outcome in
          guard case .success(let commit) = outcome else { return self.hasOutage = true }
          self.take(commit.contents, afterOutage: afterOutage)
        }
      }
    }
    read { commit in
      for action in commit.actions.reversed()
      where self.balancer?.snapshot.actions.contains(action) == false {
        self.note(action)
      }
    }
  }

  private func read(_ answer: @escaping (SimulatedRegistry.Commit) -> Void) {
    ask { registry, _ throws(Balancing.Refusal) in
      SimulatedRegistry.Commit(
        contents: registry.contents, revision: registry.contents.revision,
        actions: registry.lastActions)
    } then: { outcome in
      if case .success(let commit) = outcome { answer(commit) }
    }
  }

  /// Takes over what was read.
  func take(
    _ contents: RegistryContents, joined: InstanceID? = nil, afterOutage: Bool = false
  ) {
    if world.sabotage == .takesOldContents, contents.revision > 2, world.chance(0.1),
      let old = world.registry.lines[world.registry.lastLine].version(contents.revision - 2)
    {
      balancer?.registryBecame(.unavailable)
      balancer?.registryBecame(.available)
      return run { $0.registryChanged(to: old, afterOutage: true, now: $1) }
    }
    run { balancer, now in
      balancer.registryChanged(to: contents, afterOutage: afterOutage, now: now)
        + (joined.map { balancer.joined($0, now: now) } ?? [])
    }
  }

  /// What an instance said of itself and the registry did not know.
  func learn(_ id: InstanceID, _ profile: InstanceProfile) {
    let at = moment.wall
    let request = SimulatedRegistry.Request(mutation: .limit([], nil), actor: .instance(id))
    ask { registry, world throws(Balancing.Refusal) in
      try registry.change(request, at: at, by: self.node, in: world) {
        contents throws(Balancing.Refusal) in
        contents.instances[id]?.profile = profile
        return []
      }
    } then: { outcome in
      if case .success(let commit) = outcome { self.take(commit.contents) }
    }
  }

  // MARK: Mutations

  /// What an operator is answered.
  enum Answer {
    case done(SimulatedRegistry.Commit, delivered: Bool)
    case failed(SimulatedRegistry.Failure)
  }

  /// Decides and commits.
  private func commit(
    _ request: SimulatedRegistry.Request, then answer: @escaping (Outcome) -> Void
  ) {
    guard let live = balancer?.liveView, let verdict = balancer?.licenseVerdict else {
      return answer(.failure(.unavailable))
    }
    let (at, node) = (moment.wall, node)
    if world.sabotage == .answersUncommitted, case .drain = request.mutation, world.chance(0.2) {
      let contents = world.registry.contents
      return answer(
        .success(
          .init(
            contents: contents, revision: contents.revision + 1, line: world.registry.lastLine)))
    }
    ask { registry, world throws(Balancing.Refusal) in
      try registry.change(request, at: at, by: node, in: world) {
        contents throws(Balancing.Refusal) in
        let decision = try Decision(
          request.mutation, on: contents, live: live, actor: request.actor, at: at,
          acknowledged: request.acknowledged, verdict: verdict)
        contents = decision.contents
        if world.sabotage == .seatsTheLatest { contents.seatTheLatest() }
        if world.sabotage == .joinEnables, case .join(let id, _) = request.mutation {
          contents.instances[id]?.admission = .accepting
          contents.instances[id]?.drain = nil
        }
        return decision.actions
      }
    } then: { answer($0) }
  }

  /// Commits, delivers, answers.
  func mutate(_ request: SimulatedRegistry.Request, _ answer: @escaping (Answer) -> Void) {
    let known = balancer?.contents
    commit(request) { outcome in
      switch outcome {
      case .failure(let failure): answer(.failed(failure))
      case .success(let commit):
        if case .license(let license?, _) = request.mutation { self.verified(license) }
        self.take(commit.contents)
        for action in commit.actions { self.note(action) }
        guard known.map(commit.contents.isOlder(than:)) != true else {
          return answer(.done(commit, delivered: false))
        }
        self.whenDelivered(request.mutation.ids) { delivered in
          self.settle(commit)
          var commit = commit
          commit.heard = request.mutation.ids.filter {
            self.balancer?.status(of: $0)?.health == .alive
          }
          answer(.done(commit, delivered: delivered))
        }
      }
    }
  }

  private func settle(_ commit: SimulatedRegistry.Commit) {
    guard !commit.isRepeat else { return }
    var obeyed: [InstanceID: Int64] = [:]
    for case let id? in commit.actions.map(\.instance) where commit.concerned.contains(id) {
      guard balancer?.isDelivered([id]) == true else { continue }
      obeyed[id] = commit.contents.instances[id]?.revision
    }
    if !obeyed.isEmpty { confirm(obeyed) }
  }

  /// Instances obey all that they must.
  func confirm(_ obeyed: [InstanceID: Int64]) {
    if world.sabotage == .forgetsDelivery { return }
    ask { [node] registry, _ throws(Balancing.Refusal) in
      SimulatedRegistry.Commit(
        contents: registry.contents, revision: registry.contents.revision,
        actions: registry.confirm(obeyed, by: node))
    } then: { outcome in
      guard case .success(let commit) = outcome else { return }
      for action in commit.actions { self.note(action) }
      self.run { balancer, _ in
        balancer.confirmed(obeyed)
        return []
      }
    }
  }

  // MARK: License

  /// A license was looked at, and is good.
  func verified(_ license: License) {
    run { balancer, _ in
      balancer.licenseVerified(LicenseVerdict(license))
      return []
    }
  }

  /// Time or a verdict may have changed what the license gives.
  func reviewLicense() {
    commit(.init(mutation: .reviewLicense(by: id), actor: .balancer(id))) { outcome in
      guard case .success(let commit) = outcome else { return }
      self.take(commit.contents)
      for action in commit.actions { self.note(action) }
    }
  }

  // MARK: Joins

  enum JoinAnswer {
    case joined(DesiredState)
    case removed(DesiredState?)
    /// The id is not the asker's.
    case notOwner(BalancerProcess)
    case failed
  }

  /// An instance joins.
  ///
  /// - Parameter obeyed: What it says that it obeys.
  func join(
    _ id: InstanceID, _ joining: Joining, obeying obeyed: ObeyClaim?, by actor: InstanceID? = nil,
    _ answer: @escaping (JoinAnswer) -> Void
  ) {
    let request = SimulatedRegistry.Request(
      mutation: .join(id, joining), actor: .instance(actor ?? id))
    commit(request) { outcome in
      switch outcome {
      case .success(let commit):
        self.take(commit.contents, joined: id)
        for action in commit.actions { self.note(action) }
        answer(commit.contents.desiredState(of: id).map { .joined($0) } ?? .failed)
      case .failure(.refused(.removed)):
        if let obeyed {
          self.run { $0.refused(id, obeyed, now: $1) }
        }
        answer(.removed(self.balancer?.contents.desiredState(of: id)))
      case .failure(.refused(.notOwner)): answer(.notOwner(self))
      case .failure: answer(.failed)
      }
    }
  }

  /// An operator makes a token the owner of an id.
  func assign(_ id: InstanceID, to owner: InstanceOwner) {
    let (at, node) = (moment.wall, node)
    let request = SimulatedRegistry.Request(
      mutation: .asked(id), actor: ActionActor(.unix, "root"))
    ask { registry, world throws(Balancing.Refusal) in
      try registry.change(request, at: at, by: node, in: world) { contents in
        (try? contents.give([id], to: owner.text, at: at)).map { [$0] } ?? []
      }
    } then: { outcome in
      if case .success(let commit) = outcome { self.take(commit.contents) }
    }
  }
}

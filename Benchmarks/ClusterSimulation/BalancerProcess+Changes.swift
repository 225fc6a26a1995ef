internal import Balancing
internal import ClusterModel

/// How a balancer carries changes out: as `MutationMachine` says.
extension BalancerProcess {
  /// What a change is answered with.
  enum Answer {
    /// - Parameter heard: Those of the named whom the balancer could hear when it answered.
    case done(SimulatedRegistry.Commit, delivered: Bool, heard: [InstanceID])
    /// It was a dry run.
    case previewed
    case failed(SimulatedRegistry.Failure)
  }

  /// Carries a change out.
  func mutate(
    _ request: MutationMachine.Request, _ answer: @escaping (Answer) -> Void = { _ in }
  ) {
    guard let balancer else { return answer(.failed(.unavailable)) }
    let machine = MutationMachine(request, askedOf: balancer, at: moment.wall)
    advance(machine, of: request, nil, answer)
  }

  /// - Parameter commit: What the registry made of it, as soon as it has.
  private func advance(
    _ machine: MutationMachine, of request: MutationMachine.Request,
    _ commit: SimulatedRegistry.Commit?, _ answer: @escaping (Answer) -> Void
  ) {
    var machine = machine
    switch machine.step {
    case .locate:
      machine.located(AddressBook())
      advance(machine, of: request, commit, answer)
    case .read:
      read { outcome in
        do throws(SimulatedRegistry.Failure) {
          let contents = try outcome.get().kept.contents
          do throws(MutationRefusal) { try machine.read(contents) } catch {
            throw .refused(error)
          }
          self.advance(machine, of: request, commit, answer)
        } catch { answer(.failed(error)) }
      }
    case .commit(let transaction):
      self.commit(transaction) { outcome in
        switch outcome {
        case .failure(let failure): answer(.failed(failure))
        case .success(let commit):
          self.run { machine.committed(commit.kept, in: &$0, now: $1) }
          self.goBack(from: commit.kept.contents)
          self.advance(machine, of: request, commit, answer)
        }
      }
    case .awaitDelivery(let ids):
      whenDelivered(ids) { isDelivered in
        guard let balancer = self.balancer else { return }
        machine.delivered(isDelivered, in: balancer)
        self.advance(machine, of: request, commit, answer)
      }
    case .confirm(let obeyed):
      confirm(obeyed) {
        machine.confirmed()
        self.advance(machine, of: request, commit, answer)
      }
    case .done(let outcome):
      guard let commit else { return answer(.previewed) }
      let heard = request.mutation.ids.filter { balancer?.status(of: $0)?.health == .alive }
      answer(.done(commit, delivered: outcome.isDelivered, heard: heard))
    }
  }

  private func commit(
    _ transaction: MutationMachine.Transaction, then answer: @escaping (Outcome) -> Void
  ) {
    let (request, node) = (transaction.request, node)
    if world.sabotage == .answersUncommitted, case .command(.drain) = request.mutation,
      world.chance(0.2)
    {
      var untrue = world.registry.answer([])
      untrue.kept.revision += 1
      return answer(.success(untrue))
    }
    ask { registry, world throws(MutationRefusal) in
      try registry.change(request, at: transaction.at, by: node, in: world) {
        contents throws(MutationRefusal) in
        let actions = try transaction.decide(on: &contents)
        if world.sabotage == .seatsTheLatest { contents.seatTheLatest() }
        if world.sabotage == .joinEnables, case .join(let id, _) = request.mutation {
          contents.instances[id]?.admission = .accepting
          contents.instances[id]?.drain = nil
        }
        return actions
      }
    } then: {
      answer($0)
    }
  }

  /// Instances obey all that they must.
  func confirm(_ obeyed: [InstanceID: Int64], then done: @escaping () -> Void = {}) {
    if world.sabotage == .forgetsDelivery { return done() }
    ask { [node] registry, _ throws(MutationRefusal) in
      registry.answer(registry.confirm(obeyed, by: node))
    } then: { outcome in
      if case .success(let commit) = outcome {
        self.run { balancer, _ in
          balancer.confirmed(obeyed, commit.kept.actions)
          return []
        }
      }
      done()
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
    mutate(.init(.join(id, joining), actor: .instance(actor ?? id))) { outcome in
      switch outcome {
      case .done(let commit, _, _):
        answer(commit.kept.contents.desiredState(of: id).map { .joined($0) } ?? .failed)
      case .failed(.refused(.removed)):
        self.run { $0.refused(id, obeyed, now: $1) }
        answer(.removed(self.balancer?.contents.desiredState(of: id)))
      case .failed(.refused(.notOwner)): answer(.notOwner(self))
      case .previewed, .failed: answer(.failed)
      }
    }
  }
}

internal import ClusterModel

extension World {
  /// Lets faults happen from now on, some a second.
  func beginChaos() {
    after(pick(100...3_000)) {
      guard !self.isCalm else { return }
      self.disturb()
      self.beginChaos()
    }
  }

  private func disturb() {
    switch pick(0...99) {
    case ..<12: cutSomething()
    case ..<32: partition()
    case ..<52: endInstance()
    case ..<60: endBalancer()
    case ..<70: stallSomething()
    case ..<78: setClock()
    case ..<85: loseRegistry()
    case ..<86: restoreRegistry()
    case ..<93: breakApplication()
    default: loseClient()
    }
  }

  private func cutSomething() {
    faults[.connectionCut] += 1
    switch pick(0...2) {
    case 0: pick(of: clients)?.cut()
    case 1: pick(of: readers)?.cut()
    default:
      guard let balancer = pick(of: balancers) else { return }
      let number = pick(of: balancer.feeds.keys.sorted())
      number.flatMap { balancer.feeds[$0] }?.cut()
    }
  }

  private func partition() {
    let nodes = [SimulatedNetwork.registry] + (balancers + instances + readers).map(\.node)
    guard let one = pick(of: nodes), let other = pick(of: nodes), one != other else { return }
    faults[.partition] += 1
    note("\(one) and \(other) cannot reach each other")
    network.cut(one, other)
    after(pick(100...20_000)) { self.network.heal(one, other) }
  }

  // MARK: Processes

  private func endInstance() {
    guard let instance = pick(of: instances), instance.isUp, !instance.isStalled else { return }
    switch pick(0...3) {
    case 0:
      faults[.instanceStopped] += 1
      instance.stop()
    case 1:
      faults[.machineLost] += 1
      instance.kill(silently: true)
    case 2:
      // Comes down with its next document, if one comes before the others do.
      instance.diesBeforeKeeping = true
      return after(5_000) { self.restart(instance, from: instance.life) }
    default:
      faults[.instanceKilled] += 1
      instance.kill()
    }
    let life = instance.life
    after(pick(50...15_000)) { self.restart(instance, from: life) }
  }

  private func restart(_ instance: InstanceProcess, from life: Int) {
    guard !instance.isUp, instance.life == life, !isCalm else {
      instance.diesBeforeKeeping = false
      return
    }
    if chance(0.1), let address = newAddress() {
      faults[.instanceMoved] += 1
      instance.address = address
    }
    instance.start()
  }

  private func endBalancer() {
    guard let balancer = pick(of: balancers), balancer.isUp else { return }
    faults[.balancerKilled] += 1
    balancer.kill()
    after(pick(50...10_000)) {
      if !balancer.isUp, !self.isCalm { balancer.start() }
    }
  }

  private func stallSomething() {
    let time = pick(100...8_000)
    if chance(0.5) {
      faults[.balancerStalled] += 1
      pick(of: balancers)?.stall(milliseconds: time)
    } else {
      faults[.instanceStalled] += 1
      pick(of: instances)?.stall(milliseconds: time)
    }
  }

  private func setClock() {
    faults[.clockJump] += 1
    let step = pick(-120_000...120_000)
    pick(of: balancers + instances)?.wallOffset += step
  }

  private func loseRegistry() {
    guard !registry.isAway else { return }
    faults[.registryAway] += 1
    note("the registry is away")
    registry.isAway = true
    after(pick(100...15_000)) { self.registry.isAway = false }
  }

  /// A copy is made, and later the registry is away for some seconds and comes back as that copy.
  private func restoreRegistry() {
    let copy = registry.copy()
    after(pick(1_000...40_000)) {
      guard !self.registry.isAway, !self.isCalm else { return }
      self.note("the registry is away, and will be restored from a copy")
      self.registry.isAway = true
      self.after(self.pick(1_000...15_000)) {
        // With the end of the run it is there again as it was.
        guard !self.isCalm else { return }
        self.registry.isAway = false
        self.faults[.registryRestored] += 1
        self.registry.restore(copy, now: self.now)
        self.note("the registry is restored with \(self.registry.contents.revision)")
        // No connection outlives that, even where its client slept through it.
        for balancer in self.balancers { balancer.hasOutage = true }
      }
    }
  }

  private func breakApplication() {
    guard let instance = pick(of: instances), case .up? = instance.application else { return }
    let isAway = chance(0.5)
    faults[isAway ? .applicationAway : .blackHole] += 1
    instance.turnApplication(isAway ? .away : .blackHole)
    after(isAway ? pick(2_000...40_000) : pick(10_000...90_000)) { instance.turnApplication(.up) }
  }

  private func loseClient() {
    guard let client = pick(of: clients), client.isUp else { return }
    faults[.clientLost] += 1
    client.vanish()
    after(pick(100...5_000)) { client.start() }
  }

  // MARK: The end

  /// Everything is mended: the network is whole, and everybody is up.
  func calm() {
    note("calm")
    isCalm = true
    network.healAll()
    registry.isAway = false
    for one in operators { one.die() }
    for balancer in balancers {
      balancer.stall(milliseconds: 0)
      if !balancer.isUp { balancer.start() }
    }
    for instance in instances {
      instance.diesBeforeKeeping = false
      instance.stall(milliseconds: 0)
      instance.turnApplication(.up)
      if !instance.isUp { instance.start() }
    }
  }

  /// Every client goes home.
  func sendHome() {
    for client in clients { client.finish() }
  }
}

internal import Balancing
internal import ClusterModel

/// Somebody who drains, enables, adds, removes and limits, through whichever balancer is up.
final class OperatorProcess: SimulatedProcess {
  private let name: String
  private var lastRequest = 0

  init(world: World, node: Int, name: String) {
    self.name = name
    super.init(world: world, node: node)
  }

  func start() {
    begin()
    plan()
  }

  private func plan() {
    after(world.pick(200...6_000)) {
      self.ask(self.request(), tries: 3)
      self.plan()
    }
  }

  // MARK: Commands

  private func request() -> MutationMachine.Request {
    lastRequest += 1
    let all = Set(ImpactWarning.allCases)
    return MutationMachine.Request(
      mutation(), actor: ActionActor(.unix, name), acknowledged: world.chance(0.8) ? all : [],
      key: world.chance(0.6) ? RequestKey("\(lastRequest)") : nil,
      isDryRun: world.chance(0.05))
  }

  private func mutation() -> Mutation {
    guard let server = world.pick(of: world.instances) else { return .command(.seats(nil)) }
    var ids = [server.id]
    if world.chance(0.15), let other = world.pick(of: world.instances), other !== server {
      ids.append(other.id)
    }
    switch world.pick(0...99) {
    case ..<35: return .command(.drain(ids, reason: "maintenance", terms: terms()))
    case ..<65: return .command(.enable(ids))
    case ..<67 where world.isLicensed:
      return .license(world.newLicense(at: moment.wall), by: server.id)
    case ..<75: return .command(.limit(ids, to: world.chance(0.4) ? nil : Int(world.pick(0...4))))
    case ..<88: return .command(.add(server.id, at: server.address, accept: world.chance(0.5)))
    case ..<95: return .command(.remove(ids, force: world.chance(0.5)))
    case ..<97: return .command(.remove([world.balancers[0].id], force: false))
    default: return .command(.seats(world.chance(0.5) ? nil : Int(world.pick(1...5))))
    }
  }

  private func terms() -> DrainTerms {
    var terms = DrainTerms.plain
    if world.chance(0.3) { terms.message = "Please log off." }
    if world.chance(0.25) {
      terms.deadline = moment.wall.adding(milliseconds: world.pick(1...90_000))
    }
    if world.chance(0.2) { terms.closeIdleAfterSeconds = Int(world.pick(1...90)) }
    terms.untilRestart = world.chance(0.2)
    return terms
  }

  // MARK: Asking

  /// Asks one of the balancers; after an unknown outcome, or none, the same again.
  private func ask(_ request: MutationMachine.Request, tries: Int) {
    guard tries > 0, let balancer = world.pick(of: world.balancers) else { return }
    var isOver = false
    let again = {
      guard !isOver else { return }
      isOver = true
      // Without a name the balancers could not tell a repeat from a second command.
      guard request.key != nil else { return }
      self.after(self.world.pick(500...5_000)) { self.ask(request, tries: tries - 1) }
    }
    after(10_000) { again() }
    guard balancer.isUp, balancer.balancer != nil else { return }
    var request = request
    // Who installs it has looked at it.
    if case .license(let license, _) = request.mutation {
      request.mutation = .license(license, by: balancer.id)
    }
    world.send(from: self, to: balancer) {
      balancer.mutate(request) { answer in
        self.world.send(from: balancer, to: self) {
          switch answer {
          case .done(let commit, let delivered, let heard):
            guard !isOver else { return }
            isOver = true
            self.world.acknowledged(request.mutation, commit, delivered, heard: heard)
          case .previewed: isOver = true
          case .failed(.outcomeUnknown), .failed(.unavailable): again()
          case .failed(.refused): isOver = true
          }
        }
      }
    }
  }
}

internal import ClusterModel

/// A process on a machine of its own: it can die, stall, and have its clock set.
class SimulatedProcess {
  unowned let world: World
  /// Its place in the network.
  let node: Int
  private(set) var isUp = false
  /// Tells its lives apart: what was planned in one is not done in the next.
  private(set) var life = 0
  private(set) var stalledUntil: Int64 = 0
  private var monotonicOffset: Int64
  var wallOffset: Int64

  init(world: World, node: Int) {
    self.world = world
    self.node = node
    monotonicOffset = world.pick(1_000_000...900_000_000)
    wallOffset = 1_800_000_000_000 + world.pick(-2_000...2_000)
  }

  var moment: Moment {
    Moment(
      monotonicMilliseconds: world.now + monotonicOffset,
      wall: Timestamp(milliseconds: world.now + wallOffset))
  }

  var isStalled: Bool { world.now < stalledUntil }

  func begin() {
    isUp = true
    life += 1
    stalledUntil = 0
  }

  /// Whatever it had planned is forgotten.
  func die() { isUp = false }

  /// Does nothing for a while; what arrives meanwhile waits. Its clocks go on.
  func stall(milliseconds: Int64) { stalledUntil = world.now + milliseconds }

  /// Does something later, if this life lasts that long.
  func after(_ milliseconds: Int64, _ act: @escaping () -> Void) {
    let planned = life
    world.after(milliseconds) { self.wake(planned, act) }
  }

  private func wake(_ planned: Int, _ act: @escaping () -> Void) {
    guard isUp, life == planned else { return }
    guard !isStalled else {
      world.after(stalledUntil - world.now) { self.wake(planned, act) }
      return
    }
    act()
  }
}

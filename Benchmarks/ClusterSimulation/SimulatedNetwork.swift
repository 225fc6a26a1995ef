/// Which machines cannot reach each other now.
final class SimulatedNetwork {
  private var cuts: [[Int]: Int] = [:]

  /// The registry's machine.
  static let registry = 0
  /// Where operators sit.
  static let operators = 1

  func isCut(_ one: Int, _ other: Int) -> Bool {
    cuts[[min(one, other), max(one, other)], default: 0] > 0
  }

  /// Cuts may lie over each other: each is healed by itself.
  func cut(_ one: Int, _ other: Int) {
    cuts[[min(one, other), max(one, other)], default: 0] += 1
  }

  func heal(_ one: Int, _ other: Int) {
    cuts[[min(one, other), max(one, other)], default: 1] -= 1
  }

  func healAll() { cuts = [:] }
}

extension World {
  /// How long a message is on the way.
  func delay() -> Int64 {
    guard !isCalm, chance(0.02) else { return pick(0...4) }
    faults[.messageLate] += 1
    return pick(50...Self.latest)
  }

  /// No message is on the way for longer.
  static let latest: Int64 = 4_000

  /// Sends a request, or an answer: lost, late or repeated.
  ///
  /// - Parameter repeats: A network or a helpful proxy may send it twice.
  func send(
    from: SimulatedProcess, to: SimulatedProcess, repeats: Bool = false,
    _ arrive: @escaping () -> Void
  ) {
    guard !network.isCut(from.node, to.node) else { return }
    if !isCalm, chance(0.01) {
      faults[.messageLost] += 1
      return
    }
    let delay = delay()
    to.after(delay, arrive)
    guard repeats, !isCalm, chance(0.03) else { return }
    faults[.messageRepeated] += 1
    to.after(delay + pick(1...40_000), arrive)
  }
}

/// The handshakes that one balancer has answered since it started, and the rates of the others.
public struct HandshakeCount: Hashable, Sendable {
  /// The number since the start of the balancer.
  public var total: Int
  /// The mean of the last ten seconds, with one decimal.
  public var perSecond: Double
  /// The rates of all balancers whose figures this one knows, including its own. Empty in what a
  /// release before this field wrote.
  public var balancers: [InstanceID: Double]

  public init(total: Int = 0, perSecond: Double = 0, balancers: [InstanceID: Double] = [:]) {
    self.total = total
    self.perSecond = perSecond
    self.balancers = balancers
  }

  /// The sum of all balancers whose figures are known, with one decimal.
  public var perSecondOfAll: Double {
    guard !balancers.isEmpty else { return perSecond }
    return (balancers.values.reduce(0, +) * 10).rounded() / 10
  }
}

extension ClusterSnapshot {
  /// The handshakes a second of one balancer; nil where they are not known.
  public func handshakesPerSecond(of id: InstanceID) -> Double? {
    handshakes.balancers[id] ?? (id == balancer.id ? handshakes.perSecond : nil)
  }
}

extension HandshakeCount: CustomStringConvertible {
  /// Sorted, so that the trace of a simulated run is the same each time.
  public var description: String {
    let rates = balancers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    return "\(total), \(perSecond)/s [\(rates.joined(separator: ", "))]"
  }
}

// MARK: - Wire

extension HandshakeCount: Codable {
  private enum Key: String, CodingKey {
    case total, perSecond, balancers
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: Key.self)
    self.init(
      total: Int(try values.decodeRevision(forKey: .total)),
      perSecond: try values.decodeRate(forKey: .perSecond))
    let named = try values.decodeIfPresent([String: Double].self, forKey: .balancers) ?? [:]
    guard named.values.allSatisfy((0...Double(Limits.count)).contains) else {
      throw InvalidValue(field: "balancers", complaint: "has a rate that is out of range")
    }
    for (name, rate) in named { balancers[try InstanceID(name)] = rate }
  }

  /// The rates of the balancers are left out where none is known.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: Key.self)
    try values.encode(total, forKey: .total)
    try values.encode(perSecond, forKey: .perSecond)
    guard !balancers.isEmpty else { return }
    let named = balancers.map { ($0.key.text, $0.value) }
    try values.encode(Dictionary(uniqueKeysWithValues: named), forKey: .balancers)
  }
}

internal import ClusterModel

/// Delays between tries that do not fall into step with those of others.
struct Jitter: Sendable {
  private var random: SplitMix64

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
  }

  /// 0.25 s, doubled with every failure up to 5 s, less up to a half by chance.
  mutating func retryDelayMilliseconds(attempt: Int) -> Int64 {
    let full = min(Int64(250) << min(attempt, 5), 5_000)
    return Int64.random(in: full / 2...full, using: &random)
  }
}

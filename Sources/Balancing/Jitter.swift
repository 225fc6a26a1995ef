internal import ClusterModel

/// Delays between tries that differ from those of other programs.
struct Jitter: Sendable {
  private var random: SplitMix64

  init(seed: UInt64) {
    random = SplitMix64(seed: seed)
  }

  /// 0.25 s, doubled with every failure up to 5 s, minus a random part of up to a half.
  mutating func retryDelayMilliseconds(attempt: Int) -> Int64 {
    let full = min(Int64(250) << min(attempt, 5), 5_000)
    return Int64.random(in: full / 2...full, using: &random)
  }
}

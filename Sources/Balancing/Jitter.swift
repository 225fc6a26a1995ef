/// Delays between tries that do not fall into step with those of others.
struct Jitter: Sendable {
  /// SplitMix64 (Steele, Lea, Flood, 2014): enough for delays, and the same for the same seed.
  private var state: UInt64

  init(seed: UInt64) {
    state = seed
  }

  /// 0.25 s, doubled with every failure up to 5 s, less up to a half by chance.
  mutating func retryDelayMilliseconds(attempt: Int) -> Int64 {
    let full = min(Int64(250) << min(attempt, 5), 5_000)
    return full / 2 + Int64(next() % UInt64(full / 2 + 1))
  }

  private mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}

extension DesiredState {
  /// A hash of the whole order except its revision. Two orders with the same number and different
  /// contents, as after a registry was restored from a copy, have different digests.
  ///
  /// The signature protects against forgery; the digest does not. The number in front names the
  /// fields that the digest covers. Digests of two releases with different numbers are not
  /// compared.
  public var digest: String {
    let parts: [String?] = [
      admission.rawValue, limit.map(String.init), unlicensedReason, removed ? "removed" : nil,
      drain.map { "\($0.startedAt.milliseconds) \($0.startedWith)" }, drain?.message,
      drain?.closeIdleAfterSeconds.map(String.init),
      (drain?.deadline?.milliseconds).map { "\($0)" },
      drain?.untilRestart == true ? "until restart" : nil,
    ]
    // FNV-1a, 64 bits. A zero byte, which no text contains, separates the parts and stands for nil.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for part in parts {
      for byte in [UInt8](part.map { "+\($0)" }?.utf8 ?? "-".utf8) + [0] {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
      }
    }
    return "1:" + String(hash, radix: 16)
  }

  /// Whether an instance reported the digest of another order. False where it reported none, or one
  /// with the number of another release.
  package func differs(from digest: String?) -> Bool {
    guard let digest, digest.hasPrefix("1:") else { return false }
    return digest != self.digest
  }
}

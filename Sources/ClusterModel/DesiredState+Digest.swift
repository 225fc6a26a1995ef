extension DesiredState {
  /// Stands for everything that it orders, whatever its revision: two orders of one number that
  /// say different things, as after a registry was restored from a copy, have different ones.
  ///
  /// No proof against forgery, which the signature is. The number in front names what goes into
  /// it: those of two releases that differ there are not compared.
  public var digest: String {
    let parts: [String?] = [
      admission.rawValue, limit.map(String.init), unlicensedReason, removed ? "removed" : nil,
      drain.map { "\($0.startedAt.milliseconds) \($0.startedWith)" }, drain?.message,
      drain?.closeIdleAfterSeconds.map(String.init),
      (drain?.deadline?.milliseconds).map { "\($0)" },
      drain?.untilRestart == true ? "until restart" : nil,
    ]
    // FNV-1a, 64 bits; nil and a zero byte, which no text holds, keep the parts apart.
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for part in parts {
      for byte in [UInt8](part.map { "+\($0)" }?.utf8 ?? "-".utf8) + [0] {
        hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3
      }
    }
    return "1:" + String(hash, radix: 16)
  }

  /// Whether a digest that an instance told is that of something else; false where it told none,
  /// or one of another release's kind.
  package func differs(from digest: String?) -> Bool {
    guard let digest, digest.hasPrefix("1:") else { return false }
    return digest != self.digest
  }
}

import ClusterTrust
import Testing

@Suite("Tokens that were shown") struct UsedTokenTests {
  @Test("a balancer's token is new once, and none is forgotten while it can count")
  func usedTokens() {
    var tokens = UsedTokens(capacity: 3, lifetime: 100)
    for (now, name) in ["a", "b", "c"].enumerated() {
      #expect(tokens.use(name, now: Int64(now)) == .isNew)
    }
    // However many come, the first ones stay used, and the rest is refused.
    for number in 0..<10 { #expect(tokens.use("\(number)", now: 99) == .isFull) }
    for name in ["a", "b", "c"] { #expect(tokens.use(name, now: 99) == .wasShown) }
    #expect(tokens.use("d", now: 100) == .isNew)
    #expect(tokens.use("e", now: 100) == .isFull)
    for name in ["b", "c", "d"] { #expect(tokens.use(name, now: 100) == .wasShown) }
    #expect(tokens.use("e", now: 101) == .isNew)
  }
}

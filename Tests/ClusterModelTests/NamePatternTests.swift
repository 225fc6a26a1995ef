import ClusterModel
import Testing

@Suite("A name that is looked for") struct NamePatternTests {
  @Test(
    "fits whole, in any case, and * stands for anything",
    arguments: [
      ("ana", "Ana", true), ("ana", "banana", false), ("*ana", "CONTOSO\\ana", true),
      ("pc*", "PC7", true), ("pc*7", "pc1-7", true), ("pc*7", "pc70", false), ("*", "", true),
      ("", "", true), ("", "x", false), ("a*b*c", "aXbXbXc", true), ("**a", "a", true),
      ("ämter*", "ÄMTER-1", true),
    ])
  func matches(pattern: String, name: String, fits: Bool) {
    #expect(NamePattern(pattern).matches(name) == fits)
  }

  @Test("costs no more than both lengths multiplied, whatever stars it has")
  func cost() {
    let pattern = NamePattern(String(repeating: "*a", count: 64))
    #expect(!pattern.matches(String(repeating: "a", count: 127) + "b"))
  }
}

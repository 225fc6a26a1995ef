import Testing

@testable import ClusterModel
@testable import Registry

@Suite struct DatabaseURLTests {
  @Test(
    "a file is named with or without a directory",
    arguments: [
      ("sqlite:/var/lib/aos/cluster.db", "/var/lib/aos/cluster.db"),
      ("sqlite:///var/lib/aos/cluster.db", "/var/lib/aos/cluster.db"),
      ("sqlite:cluster.db", "./cluster.db"),
      ("sqlite:./cluster.db", "./cluster.db"),
      ("sqlite:a b/ü.db", "./a b/ü.db"),
      // SQLite would take these for a URI and a special name.
      ("sqlite:file:x?mode=memory", "./file:x?mode=memory"),
      ("sqlite::memory", "./:memory"),
    ])
  func good(text: String, path: String) throws {
    #expect(try DatabaseURL(text) == .sqlite(path: path))
  }

  @Test(
    "anything else is refused, and the option named",
    arguments: [
      ("", "must be sqlite:FILE"),
      ("cluster.db", "must be sqlite:FILE"),
      ("SQLITE:cluster.db", "must be sqlite:FILE"),
      ("postgres://user@host/aos", "must be sqlite:FILE"),
      ("sqlite:", "must name a file after sqlite:"),
      ("sqlite:///", "must name a file after sqlite:"),
      ("sqlite:/var/lib/", "must name a file after sqlite:"),
      ("sqlite://host/cluster.db", "must name a file after sqlite:"),
      ("sqlite::memory:", "must be a file: memory does not last"),
      ("sqlite:a\nb", "holds a control character or a direction mark"),
      ("sqlite:a\0b", "holds a control character or a direction mark"),
      ("sqlite:" + String(repeating: "x", count: 4_001), "is longer than 4000 bytes"),
    ])
  func bad(text: String, complaint: String) {
    #expect(throws: InvalidValue(field: "--database", complaint: complaint)) {
      try DatabaseURL(text)
    }
  }
}

@Suite struct SQLiteFaultTests {
  @Test(
    "a fault before COMMIT changed nothing, whatever it is",
    arguments: [1, 5, 7, 8, 10, 11, 13, 14, 26] as [Int32])
  func working(code: Int32) {
    let failure = SQLiteFault(code: code, message: "m", phase: .working).failure(file: "f.db")
    guard case .unavailable(let reason) = failure else {
      Issue.record("\(failure)")
      return
    }
    #expect(reason.hasPrefix("f.db "))
  }

  @Test("a lock or a full disk stops COMMIT before it counts", arguments: [5, 13] as [Int32])
  func stopped(code: Int32) {
    let failure = SQLiteFault(code: code, message: nil, phase: .committing).failure(file: "f.db")
    #expect(failure != .outcomeUnknown(failure.description))
  }

  @Test("any other fault within COMMIT leaves open what came of it", arguments: [1, 8, 10, 11, 14])
  func open(code: Int32) {
    let failure = SQLiteFault(code: code, message: "m", phase: .committing).failure(file: "f.db")
    #expect(failure == .outcomeUnknown(failure.description))
  }
}

import ClusterModel
import Testing

@Suite struct TimeLimitTests {
  /// Who waits, and for whom: the sum of what the other one may take at worst.
  private static let waits: [(who: String, milliseconds: Int64, othersTake: Int64)] = [
    (
      "a registry for PostgreSQL", TimeLimit.registryChange,
      TimeLimit.databaseStatement + TimeLimit.databaseAnswer
    ),
    ("a registry for SQLite", TimeLimit.registryChange, TimeLimit.fileLock),
    ("PostgreSQL for a lock", TimeLimit.databaseStatement, TimeLimit.databaseLock),
    (
      "an operator for a change", TimeLimit.change,
      TimeLimit.readiness + TimeLimit.registryChange + TimeLimit.delivery + TimeLimit.settling
    ),
    (
      "an operator for the end of a session", TimeLimit.change,
      2 * TimeLimit.instanceAnswer + TimeLimit.registryChange + TimeLimit.settling
    ),
    ("an operator for a dry run", TimeLimit.change, TimeLimit.readiness + TimeLimit.registryChange),
    ("an operator for the log of actions", TimeLimit.question, TimeLimit.registryList),
    ("an operator for the sessions of an instance", TimeLimit.question, TimeLimit.instanceAnswer),
    ("an operator for a search for sessions", TimeLimit.question, TimeLimit.search),
    (
      "an operator for every server of a configuration", TimeLimit.configuration, TimeLimit.question
    ),
    ("an instance for its join", TimeLimit.join, TimeLimit.readiness + TimeLimit.registryChange),
    ("a connection within an answer", TimeLimit.instanceAnswer, TimeLimit.connecting),
  ]

  @Test("a caller waits longer than its callees may take", arguments: waits)
  func order(who: String, milliseconds: Int64, othersTake: Int64) {
    #expect(milliseconds > othersTake, "\(who)")
  }
}

/// How much of the log of actions is kept; the oldest lines go first.
///
/// What instances cause has a bound of its own, so that no number of joins pushes out what
/// operators did.
package struct ActionRetention: Equatable, Sendable {
  /// Lines of operators, tokens and balancers: at a hundred changes a day, nearly three years.
  package var ofOperators = 100_000
  /// Lines of all instances together: one for each of the largest cluster.
  package var ofInstances = 10_000
  /// Lines of one instance.
  package var ofEachInstance = 100

  package init() {}
}

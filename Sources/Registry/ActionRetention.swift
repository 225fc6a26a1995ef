/// How much of the log of actions is kept. The oldest lines are deleted first.
///
/// Lines that instances cause have their own limit, so that no number of joins deletes the lines of
/// operators.
package struct ActionRetention: Equatable, Sendable {
  /// Lines of operators, tokens and balancers: nearly three years with a hundred changes a day.
  package var ofOperators = 100_000
  /// Lines of all instances together: one for each instance of the largest cluster.
  package var ofInstances = 10_000
  /// Lines of one instance.
  package var ofEachInstance = 100

  package init() {}
}

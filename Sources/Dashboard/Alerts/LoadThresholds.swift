package import CellGrid

/// The loads from which an instance, or the whole list, counts as busy and causes an alert.
package struct LoadThresholds: Hashable, Sendable {
  /// Shares of the maximum; 1 is full.
  package let warning: Double
  /// At least `warning`.
  package let critical: Double

  package init(warning: Double = 0.8, critical: Double = 0.9) {
    self.warning = warning
    self.critical = max(warning, critical)
  }

  /// The thresholds that an operator gives in percent. If only one is given, the other one is moved
  /// if necessary.
  package init(warnPercent: Int?, criticalPercent: Int?) {
    let warn = warnPercent ?? min(80, criticalPercent ?? 80)
    let critical = criticalPercent ?? max(90, warn)
    self.init(warning: Double(warn) / 100, critical: Double(critical) / 100)
  }

  package var warnPercent: Int { Int((warning * 100).rounded()) }
  package var criticalPercent: Int { Int((critical * 100).rounded()) }

  /// How far a load must fall below a threshold until it counts as below it again.
  private static let slack = 0.05

  /// The level of a load; nil where it is not high.
  ///
  /// - Parameter held: The level a moment ago, so that a load near a threshold does not flicker.
  package func level(of share: Double?, held: Alert.Level? = nil) -> Alert.Level? {
    guard let share else { return nil }
    if share >= critical - (held == .critical ? Self.slack : 0) { return .critical }
    return share >= warning - (held != nil ? Self.slack : 0) ? .warning : nil
  }

  /// The style of a share of a maximum; the figure beside it always says the same.
  package func style(of share: Double?) -> Style {
    switch level(of: share) {
    case .critical: .colored(.red, isBold: true)
    case .warning: .warning
    case nil: share == nil ? .plain : .colored(.green)
    }
  }

  /// A bar and the figure after it. For a warning only the figure has a background: a whole column
  /// of it would dominate the screen.
  package func text(bar: String = "", figure: String, of share: Double?) -> StyledText {
    guard level(of: share) == .warning else { return StyledText(bar + figure, style(of: share)) }
    let blanks = figure.prefix { $0 == " " }
    return StyledText(bar + blanks) + StyledText(String(figure.dropFirst(blanks.count)), .warning)
  }
}

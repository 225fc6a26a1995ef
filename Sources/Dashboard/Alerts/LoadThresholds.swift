package import CellGrid

/// Loads at which an instance, or the whole list, counts as busy, and is worth an alert.
package struct LoadThresholds: Hashable, Sendable {
  /// Shares of the maximum; 1 is full.
  package let warning: Double
  /// At least `warning`.
  package let critical: Double

  package init(warning: Double = 0.8, critical: Double = 0.9) {
    self.warning = warning
    self.critical = max(warning, critical)
  }

  /// The thresholds that an operator names in percent. One alone moves the other one out of its
  /// way.
  package init(warnPercent: Int?, criticalPercent: Int?) {
    let warn = warnPercent ?? min(80, criticalPercent ?? 80)
    let critical = criticalPercent ?? max(90, warn)
    self.init(warning: Double(warn) / 100, critical: Double(critical) / 100)
  }

  package var warnPercent: Int { Int((warning * 100).rounded()) }
  package var criticalPercent: Int { Int((critical * 100).rounded()) }

  /// How much lower a load must fall before it counts as below a threshold it was above.
  private static let slack = 0.05

  /// How bad a load is; nil where it is not.
  ///
  /// - Parameter held: How bad it was a moment ago: a load on the edge does not come and go.
  package func level(of share: Double?, held: Alert.Level? = nil) -> Alert.Level? {
    guard let share else { return nil }
    if share >= critical - (held == .critical ? Self.slack : 0) { return .critical }
    return share >= warning - (held != nil ? Self.slack : 0) ? .warning : nil
  }

  /// How a share of a maximum looks: the figure beside it always says the same.
  package func style(of share: Double?) -> Style {
    switch level(of: share) {
    case .critical: .colored(.red, isBold: true)
    case .warning: .warning
    case nil: share == nil ? .plain : .colored(.green)
    }
  }

  /// A bar and the figure behind it. Of a warning the figure alone has a ground: a whole column
  /// of it would be all that is seen.
  package func text(bar: String = "", figure: String, of share: Double?) -> StyledText {
    guard level(of: share) == .warning else { return StyledText(bar + figure, style(of: share)) }
    let blanks = figure.prefix { $0 == " " }
    return StyledText(bar + blanks) + StyledText(String(figure.dropFirst(blanks.count)), .warning)
  }
}

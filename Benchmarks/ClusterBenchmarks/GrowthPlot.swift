internal import Glibc

/// The growth tables as a picture: one panel for each, both axes logarithmic, and each curve as a
/// multiple of its first value. So a curve's slope is its order, whatever it counts in.
struct GrowthPlot {
  let tables: [GrowthTable]

  private static let width = 300.0
  private static let height = 240.0
  private static let margin = 56.0
  private static let lineHeight = 18.0
  /// Middle tones, to be told apart on white and on black.
  private static let colours = [
    "#3b82c4", "#d9822b", "#3f9e5a", "#c94f4f", "#9466b8", "#8a7a5c", "#2f9c9c", "#c2659a",
  ]

  var svg: String {
    let curves = tables.map(\.curves.count).max() ?? 0
    let width = Double(tables.count) * (Self.width + Self.margin) + 24
    let height = Self.height + 72 + Double(curves) * Self.lineHeight
    let panels = tables.enumerated().map { place, table in
      panel(table, left: Self.margin + Double(place) * (Self.width + Self.margin))
    }
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width.text(0)) \(height.text(0))" \
      font-family="sans-serif" font-size="12" role="img">
      <title>How costs grow, as multiples of the first value</title>
      <style>
      text { fill: #444 } .axis { stroke: #888; fill: none } .guide { stroke: #888; fill: none; \
      stroke-dasharray: 3 4; opacity: .7 }
      @media (prefers-color-scheme: dark) { text { fill: #ccc } }
      </style>
      \(panels.joined(separator: "\n"))
      </svg>

      """
  }

  private func panel(_ table: GrowthTable, left: Double) -> String {
    let sizes = table.curves.first?.points.map { Double($0.size) } ?? []
    guard let first = sizes.first, let last = sizes.last, last > first else { return "" }
    let decades = log10(last / first)
    let (top, bottom) = (36.0, 36 + Self.height)
    // As many decades upwards as to the right: a straight diagonal grows with n.
    func x(_ size: Double) -> Double { left + log10(size / first) / decades * Self.width }
    func y(_ factor: Double) -> Double {
      bottom - min(max(log10(factor), -0.35), decades) / decades * (Self.height - 24) - 12
    }
    var parts = [
      text("\(table.subject): × the first value", left, top - 16),
      line("axis", [(left, top), (left, bottom), (left + Self.width, bottom)]),
      line("guide", [(x(first), y(1)), (x(last), y(1))]),
      line("guide", [(x(first), y(1)), (x(last), y(last / first))]),
      text("n", x(last) - 14, y(last / first) + 16), text("1", x(last) - 10, y(1) + 14),
    ]
    for size in sizes {
      parts.append(text(Int(size).grouped, x(size), bottom + 16, anchor: "middle"))
    }
    for power in 0...Int(decades.rounded()) {
      let factor = pow(10, Double(power))
      parts.append(text("×\(Int(factor).grouped)", left - 5, y(factor) + 4, anchor: "end"))
    }
    for (place, curve) in table.curves.enumerated() {
      let colour = Self.colours[place % Self.colours.count]
      let base = max(curve.points.first?.rounds.median ?? 1, 0.000_1)
      let points = curve.points.map {
        (x(Double($0.size)), y(max($0.rounds.median, 0.000_1) / base))
      }
      parts.append(line(nil, points, colour: colour))
      parts += points.map { dot($0, colour) }
      let below = bottom + 38 + Double(place) * Self.lineHeight
      parts.append(dot((left + 4, below - 4), colour))
      parts.append(text("\(curve.what) (grows as \(curve.order.text))", left + 14, below))
    }
    return parts.joined(separator: "\n")
  }

  private func text(
    _ text: String, _ x: Double, _ y: Double, anchor: String = "start"
  ) -> String {
    let safe = text.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    return "<text x=\"\(x.text(1))\" y=\"\(y.text(1))\" text-anchor=\"\(anchor)\">\(safe)</text>"
  }

  private func line(
    _ style: String?, _ points: [(Double, Double)], colour: String? = nil
  ) -> String {
    let path = points.map { "\($0.0.text(1)),\($0.1.text(1))" }.joined(separator: " ")
    let look =
      style.map { "class=\"\($0)\"" }
      ?? "fill=\"none\" stroke-width=\"2\" stroke=\"\(colour ?? "#888")\""
    return "<polyline \(look) points=\"\(path)\"/>"
  }

  private func dot(_ point: (Double, Double), _ colour: String) -> String {
    "<circle cx=\"\(point.0.text(1))\" cy=\"\(point.1.text(1))\" r=\"3\" fill=\"\(colour)\"/>"
  }
}

import CellGrid
import ClusterModel

@testable import Dashboard

/// What a balancer says is drawn, whatever it says, with the details open.
func draw(_ event: Event, after snapshot: ClusterSnapshot?) throws {
  var dashboard = Dashboard(options: DashboardOptions())
  var now: Int64 = 1_000
  if let snapshot { _ = dashboard.handle(.snapshot(snapshot), at: now) }
  _ = dashboard.handle(event, at: now)
  let size = Size(columns: 90, rows: 10)
  now += 1_000
  _ = dashboard.handle(.resized(size), at: now)
  _ = dashboard.handle(.keys([.enter]), at: now)
  var grid = Grid(size: size)
  dashboard.draw(into: &grid)
  for row in 0..<size.rows {
    let line = grid.line(row)
    try promise(
      !line.unicodeScalars.contains(where: PlainText.isForbidden),
      "a control character is on the screen: \(Array(line.utf8))")
  }
}

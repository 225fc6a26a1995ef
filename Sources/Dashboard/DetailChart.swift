internal import CellGrid
internal import ClusterModel

extension Dashboard {
  /// The load of an instance over the last hour, with scale and time axis.
  func chartLines(of id: InstanceID, columns: Int, rows: Int) -> [StyledText] {
    let scaleColumns = 7
    let width = min(120, columns - scaleColumns)
    guard width >= 10 else { return [] }
    let isNow = past == nil && !isReplay
    let closeUp = frozen == nil ? closeUp : frozen?.closeUp
    let shares = isNow && closeUp?.id == id ? closeUp?.chart.shares(of: id) : nil
    let chart = Chart(shares ?? shownHistory.shares(of: id), capacity: CloseUp.chartLength)
    var lines: [StyledText] = []
    for (row, text) in chart.lines(columns: width, rows: rows).enumerated() {
      let share = chart.top * Double(rows - row) / Double(rows)
      // The edges and the middle; between them the axis alone.
      let isNamed = row == 0 || (rows >= 4 && row * 2 == rows)
      let scale = isNamed ? Format.percent(share) : ""
      lines.append(
        StyledText(Format.padded(scale, to: scaleColumns - 1) + "│")
          + StyledText(text, .colored(.cyan)))
    }
    lines.append(
      StyledText(
        Format.padded("0 %", to: scaleColumns - 1) + "└" + String(repeating: "─", count: width)))
    lines.append(StyledText(String(repeating: " ", count: scaleColumns) + timeAxis(width)))
    return lines
  }

  /// `-60m        -30m         now`.
  private func timeAxis(_ width: Int) -> String {
    let (minutes, now) = (CloseUp.chartMinutes, "now")
    let (oldest, middle) = ("-\(minutes)m", "-\(minutes / 2)m")
    guard width >= 24 else { return oldest + Format.padded(now, to: width - oldest.count) }
    let left = oldest.padding(to: width / 2 - 1) + middle
    return left + Format.padded(now, to: width - left.count)
  }
}

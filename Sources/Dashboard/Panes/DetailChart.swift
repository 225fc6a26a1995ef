internal import CellGrid
internal import ClusterModel

/// The charts in the details. Each column stands for a fixed time, even where nothing is known.
extension Dashboard {
  private static let historyMinutes =
    LoadTrends.length * Int(LoadTrends.stepMilliseconds) / 60_000

  /// The load of an instance, with scale and time axis: over the last hour if that is known;
  /// otherwise, and in the past, over some minutes.
  func loadChart(of id: InstanceID, columns: Int, rows: Int) -> (title: String, [StyledText]) {
    if origin.isOfNow, let hour = picture.lastHour, hour.id == id {
      let chart = Chart(hour.history.shares(of: id), capacity: Picture.LastHour.length)
      return ("Last hour", lines(of: chart, Picture.LastHour.minutes, columns, rows))
    }
    let chart = Chart(picture.history.shares(of: id), capacity: LoadTrends.length)
    let minutes = Self.historyMinutes
    return ("Load, \(minutes) min", lines(of: chart, minutes, columns, rows))
  }

  private func lines(
    of chart: Chart, _ minutes: Int, _ columns: Int, _ rows: Int
  ) -> [StyledText] {
    let scaleColumns = 7
    let width = min(120, columns - scaleColumns)
    guard width >= 10 else { return [] }
    var lines: [StyledText] = []
    for (row, text) in chart.lines(columns: width, rows: rows).enumerated() {
      let share = chart.top * Double(rows - row) / Double(rows)
      // The edges and the middle have a label; between them there is only the axis.
      let isNamed = row == 0 || (rows >= 4 && row * 2 == rows)
      let scale = isNamed ? Format.percent(share) : ""
      lines.append(
        StyledText(Format.padded(scale, to: scaleColumns - 1) + "│")
          + StyledText(text, .colored(.cyan)))
    }
    lines.append(
      StyledText(
        Format.padded("0 %", to: scaleColumns - 1) + "└" + String(repeating: "─", count: width)))
    let middle = minutes.isMultiple(of: 2) ? "-\(minutes / 2)m" : ""
    let axis = timeAxis(minutes, middle: middle, columns: width)
    lines.append(StyledText(String(repeating: " ", count: scaleColumns) + axis))
    return lines
  }

  /// Its rank in the list over the last minutes, with a description; empty where it was not in the
  /// list. Where it was out of the list there is a gap, however short.
  func placeLines(of id: InstanceID, columns: Int) -> (title: String, [String]) {
    let known = picture.history.places(of: id)
    let minutes = Self.historyMinutes
    let title = "Rank, \(minutes) min"
    guard columns > 0, known.contains(where: { $0 != nil }) else { return (title, []) }
    let length = LoadTrends.length
    let places = Array(repeating: nil, count: max(0, length - known.count)) + known
    let perColumn = (length + columns - 1) / columns
    let shown = stride(from: 0, to: length, by: perColumn).map { start -> Double? in
      let values = places[start..<min(length, start + perColumn)]
      return values.contains(nil) ? nil : values.compactMap(\.self).max()
    }
    let axis = timeAxis(
      minutes, middle: "high = first; gap = not listed", columns: shown.count)
    return (title, [Sparkline(shown).text(columns: shown.count), axis])
  }

  /// `-60m        -30m         now`; in a picture of the past its time, and the middle only if
  /// there is room.
  private func timeAxis(_ minutes: Int, middle: String, columns: Int) -> String {
    let oldest = "-\(minutes)m"
    let end = picture.origin == .live ? "now" : Format.second(picture.clock)
    let before = columns / 2 - (middle.count <= 4 ? 1 : middle.count / 2)
    let latest = columns - end.count - 1 - middle.count
    let start = min(before, latest)
    guard !middle.isEmpty, start > oldest.count else {
      return oldest + Format.padded(end, to: columns - oldest.count)
    }
    let left = oldest.padding(to: start) + middle
    return left + Format.padded(end, to: columns - left.count)
  }
}

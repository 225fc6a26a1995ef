package import ClusterModel

/// How numbers and times are written everywhere.
package enum Format {
  /// A share as whole percent: `68 %`; a dash where there is none. Only a full server has 100.
  package static func percent(_ share: Double?) -> String {
    guard let share, share.isFinite else { return "—" }
    let percent = share * 100
    if share < 1, percent >= 99.5 { return "99 %" }
    if share > 1, percent < 100.5 { return "101 %" }
    return "\(grouped(Int(min(percent, 1e9).rounded()))) %"
  }

  /// A span of time in its two largest units: `12s`, `4m`, `3h12m`, `2d3h`.
  package static func span(milliseconds: Int64) -> String {
    let seconds = max(0, milliseconds) / 1_000
    switch seconds {
    case ..<60: return "\(seconds)s"
    case ..<3_600: return "\(seconds / 60)m"
    case ..<86_400:
      let minutes = seconds / 60 % 60
      return "\(seconds / 3_600)h" + (minutes == 0 ? "" : "\(minutes)m")
    default:
      let hours = seconds / 3_600 % 24
      return "\(seconds / 86_400)d" + (hours == 0 ? "" : "\(hours)h")
    }
  }

  /// A span in words, to the next minute: `30 min`, `2 h 5 min`; below two minutes in seconds.
  package static func roundedSpan(milliseconds: Int64) -> String {
    let seconds = (max(0, milliseconds) + 500) / 1_000
    if seconds < 120 { return "\(seconds) s" }
    let minutes = (seconds + 30) / 60
    if minutes < 60 { return "\(minutes) min" }
    let (hours, rest) = (minutes / 60, minutes % 60)
    return rest == 0 ? "\(hours) h" : "\(hours) h \(rest) min"
  }

  /// Hours and minutes in UTC: `10:42`.
  package static func minute(_ time: Timestamp) -> String {
    String(time.description.dropFirst(11).prefix(5))
  }

  /// Hours, minutes and seconds in UTC: `10:42:07`.
  package static func second(_ time: Timestamp) -> String {
    String(time.description.dropFirst(11).prefix(8))
  }

  /// Day and time in UTC: `2026-03-01 10:42:07`.
  package static func moment(_ time: Timestamp) -> String {
    String(time.description.prefix(10)) + " " + second(time)
  }

  /// A number with its noun: `1 server`, `4 servers`.
  package static func count(_ number: Int, _ noun: String) -> String {
    "\(grouped(number)) \(noun)\(number == 1 ? "" : "s")"
  }

  /// A figure with groups of three digits: `90,412`.
  package static func grouped(_ number: Int) -> String {
    // Nearly all figures are small.
    if number.magnitude < 1_000 { return String(number) }
    let digits = String(number.magnitude).utf8
    var text = number < 0 ? "-" : ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place).isMultiple(of: 3) { text += "," }
      text.unicodeScalars.append(Unicode.Scalar(digit))
    }
    return text
  }

  /// Bytes in the largest unit that leaves at least one digit: `512 B`, `1.2 kB`, `34 MB`.
  package static func bytes(_ number: Int) -> String {
    guard number >= 1_000 else { return "\(max(0, number)) B" }
    var (value, place) = (Double(number) / 1_000, 0)
    let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
    while value >= 999.5, place < units.count - 1 { (value, place) = (value / 1_000, place + 1) }
    let isSmall = value < 9.95
    let tenths = Int((value * 10).rounded())
    let figure = isSmall ? "\(tenths / 10).\(tenths % 10)" : "\(Int(value.rounded()))"
    return "\(figure) \(units[place])"
  }

  /// A rate with one decimal: `4.2`.
  package static func rate(_ perSecond: Double) -> String {
    guard perSecond.isFinite, perSecond.magnitude < 1e12 else { return "—" }
    let tenths = Int((perSecond * 10).rounded())
    return "\(tenths / 10).\(tenths.magnitude % 10)"
  }

  /// A text at the right edge of a field, after blanks.
  package static func padded(_ text: String, to columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - text.count)) + text
  }
}

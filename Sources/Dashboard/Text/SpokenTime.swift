internal import ClusterModel

/// The times that an operator types into the dialogs of a drain.
enum SpokenTime {
  /// The seconds of an idle limit; nil for any other text, and for more than a day.
  static func idleSeconds(_ text: String) -> Int? {
    SpanText.seconds(text).flatMap { $0 <= 86_400 ? $0 : nil }
  }

  /// The minutes since midnight of `22:30`.
  private static func minuteOfDay(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].utf8.count == 2, (1...2).contains(parts[0].utf8.count),
      parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      let hour = Int(parts[0]), let minute = Int(parts[1]), hour < 24, minute < 60
    else { return nil }
    return hour * 60 + minute
  }

  /// The time that `30m` or `22:30` means now; a time of day is the next one, in UTC.
  static func deadline(_ text: String, at now: Timestamp) -> Timestamp? {
    if let seconds = SpanText.seconds(text) {
      return now.adding(milliseconds: Int64(seconds) * 1_000)
    }
    guard let minute = minuteOfDay(text) else { return nil }
    let day: Int64 = 86_400_000
    let sinceMidnight = ((now.milliseconds % day) + day) % day
    let ahead = Int64(minute) * 60_000 - sinceMidnight
    return now.adding(milliseconds: ahead > 0 ? ahead : ahead + day)
  }
}

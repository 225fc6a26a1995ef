internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

/// Prints the steps of a client's walk.
struct StepReport: Sendable {
  enum Output: Sendable {
    /// Everything on standard output.
    case standard
    /// Notices go to standard error, with their time.
    case noticesApart
    /// Everything goes to standard error, since standard output belongs to the application.
    case errors
  }

  let isJSON: Bool
  let output: Output
  /// Work that carries bytes must not wait for a stopped terminal.
  private let errors = OutputQueue(.standardError) { "aosctl: \($0) messages were lost" }

  init(isJSON: Bool, output: Output) {
    self.isJSON = isJSON
    self.output = output
  }

  func print(_ step: WalkStep) {
    if case .notice = step, output == .noticesApart {
      var record = step.record
      let now = Surroundings.now
      record.at = now
      record.text = "\(now) \(record.text)"
      return note(record)
    }
    print(step.record)
  }

  /// An error is reported once, on standard error. A script wants it among the steps, too.
  func printEnd(_ end: WalkEnd) {
    if isJSON || end.failure == nil { print(end.record) }
  }

  func print(_ record: StepRecord) {
    if output == .errors { return note(record) }
    endingOnFailure { () throws(ProgramFailure) in
      if isJSON { try console.json(record) } else { try console.line(record.text) }
    }
  }

  private func note(_ record: StepRecord) {
    guard isJSON else { return note(record.text) }
    // A step can always be encoded as JSON.
    guard let bytes = try? WireJSON.encode(record) else { return }
    note(String(decoding: bytes, as: UTF8.self))
  }

  /// Writes a line on standard error. Never waits.
  func note(_ line: String) { errors.add(PlainText.cleaned(line)) }

  /// Waits until standard error has everything, but no longer than a second.
  func finish() { errors.flush(milliseconds: 1_000) }
}

internal import ClusterModel

/// One line of a dialog that the operator can fill in.
struct DialogField: Equatable, Sendable {
  enum Name: String, Hashable, Sendable {
    case reason, message, deadline, idle, untilRestart, id, address, accept, tls, force, maximum
    case confirmation
  }

  let name: Name
  let label: String
  /// An example, shown while the field is empty.
  var hint = ""
  var text = ""
  var cursor = LineCursor()
  /// The text when the dialog opened, which is valid.
  var kept = ""
  /// Whether it is a box to tick and not a text.
  var isCheck = false
  var isOn = false

  static func fields(for kind: Dialog.Kind) -> [DialogField] {
    let reason = DialogField(name: .reason, label: "Reason", hint: "optional: kept in the log")
    let confirmation = DialogField(name: .confirmation, label: "Type")
    switch kind {
    case .endSession, .endRoll: return []
    case .drain: return [reason] + terms + [confirmation]
    case .roll: return [reason] + terms.filter { $0.name != .untilRestart } + [confirmation]
    case .enable: return [reason, confirmation]
    case .remove:
      return [
        DialogField(
          name: .force, label: "remove although sessions are open (force)", isCheck: true),
        confirmation,
      ]
    case .limit: return [DialogField(name: .maximum, label: "Maximum"), confirmation]
    case .add:
      return [
        DialogField(name: .id, label: "Id"),
        DialogField(name: .address, label: "Address"),
        DialogField(name: .accept, label: "accept clients as soon as it connects", isCheck: true),
        DialogField(name: .tls, label: "use TLS to reach it", isCheck: true),
      ]
    }
  }

  /// The optional terms of a drain. An empty one is not sent.
  private static let terms = [
    DialogField(name: .message, label: "Message", hint: "optional: shown to the users"),
    DialogField(name: .deadline, label: "Deadline", hint: "optional: 30m, or 22:30 (UTC)"),
    DialogField(name: .idle, label: "End idle after", hint: "optional, e.g. 10m"),
    DialogField(name: .untilRestart, label: "enable again after its restart", isCheck: true),
  ]

  /// Which earlier input ↑ can bring back here.
  var kindBefore: TypedBefore.Kind? {
    switch name {
    case .reason: .reason
    case .message: .message
    default: nil
    }
  }

  /// What is wrong with it, as a sentence that names it; nil where it is valid.
  var fault: String? {
    do {
      switch name {
      case .id: _ = try InstanceID(text)
      case .address: _ = try Address(text, defaultPort: Address.defaultPort)
      case .reason:
        _ = try PlainText.checkedSentence(text, field: "reason")
      case .message:
        _ = try PlainText.checkedSentence(text, field: "message")
      case .deadline: return deadlineFault
      case .idle: return idleFault
      case .maximum: return maximumFault
      case .untilRestart, .accept, .tls, .force, .confirmation: break
      }
      return nil
    } catch {
      return error.plainWords
    }
  }

  private var deadlineFault: String? {
    // Whether the form is right does not depend on the time.
    let isTime = SpokenTime.deadline(text, at: Timestamp(milliseconds: 0)) != nil
    return text.isEmpty || isTime || text == kept
      ? nil : "the deadline must be a span such as 30m, or a time in UTC such as 22:30"
  }

  private var idleFault: String? {
    if text.isEmpty { return nil }
    let isTime = SpokenTime.idleSeconds(text) != nil
    return isTime ? nil : "the idle time must be 1s to 24h, such as 10m"
  }

  private var maximumFault: String? {
    if text.isEmpty { return "type a number, or \"none\" for the configured value" }
    if text == "none" { return nil }
    let digits = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard digits, text.utf8.count <= 5, let number = Int(text),
      (0...Load.highestMaximum).contains(number)
    else { return "maximum must be 0 to \(Load.highestMaximum), or none" }
    return nil
  }

  /// Inserts a character.
  ///
  /// - Returns: Whether it fits and can be shown.
  @discardableResult
  mutating func append(_ character: Character) -> Bool {
    let longer = cursor.inserting(character, into: text)
    guard let longer = try? PlainText.checkedPart(longer, field: label) else { return false }
    text = longer
    return true
  }
}

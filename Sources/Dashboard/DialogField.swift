internal import ClusterModel

/// One line of a dialog that can be filled in.
struct DialogField: Equatable, Sendable {
  enum Name: String, Hashable, Sendable {
    case reason, id, address, accept, force, maximum, confirmation
  }

  let name: Name
  let label: String
  var text = ""
  /// A box to be ticked rather than a text.
  var isCheck = false
  var isOn = false

  static func fields(for kind: Dialog.Kind) -> [DialogField] {
    let reason = DialogField(name: .reason, label: "Reason")
    let confirmation = DialogField(name: .confirmation, label: "Type")
    switch kind {
    case .endSession: return []
    case .drain, .enable: return [reason, confirmation]
    case .remove:
      return [
        DialogField(name: .force, label: "even if it is not drained", isCheck: true),
        confirmation,
      ]
    case .limit: return [DialogField(name: .maximum, label: "Maximum"), confirmation]
    case .add:
      return [
        DialogField(name: .id, label: "Id"),
        DialogField(name: .address, label: "Address"),
        DialogField(name: .accept, label: "accept clients at once", isCheck: true),
      ]
    }
  }

  /// What is wrong with it, as a sentence that names it; nil where it is valid.
  var fault: String? {
    do {
      switch name {
      case .id: _ = try InstanceID(text)
      case .address: _ = try Address(text, defaultPort: Address.defaultPort)
      case .reason:
        _ = try PlainText.checked(text, field: "reason", limit: PlainText.longestSentence)
      case .maximum: return maximumFault
      case .accept, .force, .confirmation: break
      }
      return nil
    } catch {
      return "\(error)"
    }
  }

  private var maximumFault: String? {
    if text.isEmpty { return "type a number, or none for the instance's own maximum" }
    if text == "none" { return nil }
    let digits = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard digits, text.utf8.count <= 5, let number = Int(text),
      (0...Load.highestMaximum).contains(number)
    else { return "maximum must be 0 to \(Load.highestMaximum), or none" }
    return nil
  }

  /// Takes a character in, unless the field is full or cannot show it.
  mutating func append(_ character: Character) {
    let longer = text + String(character)
    if (try? PlainText.checked(longer, field: label, limit: PlainText.longestSentence)) != nil {
      text = longer
    }
  }
}

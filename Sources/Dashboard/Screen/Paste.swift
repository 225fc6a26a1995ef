internal import CellGrid
internal import ClusterModel

/// A paste is text for the current field. Anywhere else it does nothing: its letters are never
/// keys, and its line breaks never send a form.
extension Dashboard {
  mutating func paste(_ text: String) -> [Effect] {
    let text = PastedText(text)
    if palette != nil {
      for character in text.text { typePalette(.character(character)) }
      return []
    }
    if case .help = overlay { return refusePaste() }
    if let typed = view.timeText {
      let times = text.text.filter(WantedTime.mayHold).prefix(WantedTime.longest - typed.count)
      for character in times { typeTime(.character(character)) }
      return []
    }
    if view.isFilteringSessions {
      for character in text.text { typeSessionFilter(.character(character)) }
      return []
    }
    if view.findText != nil {
      for character in text.text { typeFind(.character(character)) }
      return []
    }
    if case .dialog(let dialog) = overlay, let name = dialog.textFieldInFocus {
      return paste(text, into: name, of: dialog)
    }
    if view.isEditingFilter {
      let taken = text.text.count { character in
        let longer = view.lineCursor.inserting(character, into: view.filter.text)
        guard let fit = Filter.checked(longer) else { return false }
        view.filter.text = fit
        return true
      }
      followFilter()
      sayCut(text, taken)
      return []
    }
    return refusePaste()
  }

  private mutating func refusePaste() -> [Effect] {
    say("paste ignored: no text field is being filled in")
    return [.bell]
  }

  private mutating func paste(
    _ text: PastedText, into name: DialogField.Name, of dialog: Dialog
  ) -> [Effect] {
    var dialog = dialog
    dialog.complaint = nil
    overlay = .dialog(dialog)
    var taken = 0
    let effects = edit(dialog, name) { field in
      taken = text.text.count { field.append($0) }
    }
    sayCut(text, taken)
    return effects
  }

  private mutating func sayCut(_ text: PastedText, _ taken: Int) {
    guard taken < text.text.count else { return }
    say("only \(Format.count(taken, "character")) of the paste fit", .bad)
  }
}

/// A paste in a form for a field: one line, without characters that could steer a terminal.
struct PastedText: Equatable, Sendable {
  let text: String

  init(_ pasted: String) {
    var words: [String] = []
    for part in pasted.split(whereSeparator: \.isWhitespace) {
      let scalars = part.unicodeScalars.filter { !PlainText.isUnfit($0) }
      if !scalars.isEmpty { words.append(String(String.UnicodeScalarView(scalars))) }
    }
    text = words.joined(separator: " ")
  }
}

extension Dialog {
  /// The focused field, if it is one for text.
  fileprivate var textFieldInFocus: DialogField.Name? {
    guard case .field(let name) = focus else { return nil }
    return fields.first { $0.name == name }?.isCheck == false ? name : nil
  }
}

internal import CellGrid
internal import ClusterModel

extension Dashboard {
  func drawDialog(_ dialog: Dialog, into grid: inout Grid) {
    let picture = picture(of: dialog, on: grid.size)
    let place = picture.frame.draw(into: &grid, in: picture.part)
    for (row, line) in picture.lines.prefix(max(0, place.rows - 1)).enumerated() {
      grid.put(line, row: place.row + row, column: place.column, width: place.columns)
    }
    for (row, mark) in picture.marks {
      grid.put(mark, row: place.row + row, column: place.endColumn, style: .bold)
    }
  }

  /// The layout of a dialog.
  struct DialogPicture {
    var frame: DialogFrame
    var part: Rectangle
    var lines: [StyledText]
    /// How many pages the text above the fields has.
    var pageCount = 1
    /// Marks at the edge, beside lines before or after which there is more text.
    var marks: [(row: Int, mark: String)] = []

    /// The key that turns the page; nil where all of the text is visible.
    var moreKey: Key? {
      pageCount == 1 ? nil : marks.contains { $0.mark == "▼" } ? .pageDown : .pageUp
    }

    /// The button at a place of the screen.
    func button(row: Int, column: Int) -> Int? {
      frame.buttonPlaces(in: part).firstIndex { $0.contains(row: row, column: column) }
    }
  }

  func picture(of dialog: Dialog, on size: Size) -> DialogPicture {
    // If only a small part of the panes would be visible beside it, the dialog uses the whole
    // width: otherwise their remains would look like a part of it.
    let width = size.columns < Self.dialogColumns + 24 ? size.columns : Self.dialogColumns
    let inner = width - 4
    // The error is shortened so that there is room for a line of the question and two fields.
    let wrong = dialogComplaint(dialog, columns: inner)
    let complaint = wrong.cut(toLines: max(1, size.rows - 7), inner)
    // An error that was cut off is shown completely at the end of the text.
    let rest = wrong.count > complaint.count ? wrong : []
    var lines = dialogLines(dialog, columns: inner, isShort: false) + rest
    // Four lines for the question and its effect, three for frame and buttons. There are always at
    // least two fields: a box, and the confirmation.
    let most = max(2, size.rows - 1 - complaint.count - 7)
    let fields = fieldLines(dialog, dialog.fields(fitting: most), columns: inner)
    // The frame, the fields, the error and the buttons stay. If there is little room, blank lines
    // are dropped first, then the explanation of the question; its effect stays longest.
    let fixed = fields.count + complaint.count + 3
    var blanks = 2
    let room = max(1, size.rows - 1 - fixed)
    var pageCount = 1
    var marks: [(row: Int, mark: String)] = []
    if lines.count + blanks > room {
      blanks = 0
      if lines.count > room { lines = dialogLines(dialog, columns: inner, isShort: true) + rest }
      pageCount = max(1, (lines.count + room - 1) / room)
      // The last page is full as well.
      let first = max(0, min(dialog.page * room, lines.count - room))
      if first > 0 { marks.append((0, "▲")) }
      if first + room < lines.count { marks.append((room - 1, "▼")) }
      lines = Array(lines.dropFirst(first).prefix(room))
    }
    let rows = lines.count + fixed + blanks
    let screen = Rectangle(row: 0, column: 0, rows: size.rows - 1, columns: size.columns)
    let page = min(dialog.page, pageCount - 1) + 1
    let paged = pageCount > 1 ? ", page \(page) of \(pageCount)" : ""
    let frame = DialogFrame(
      title: dialogTitle(dialog) + paged,
      buttons: [
        .init(title: "Cancel", isFocused: dialog.focus == .cancel),
        .init(
          title: dialog.kind.title, isFocused: dialog.focus == .confirm,
          isEnabled: dialog.obstacle == nil),
      ])
    return DialogPicture(
      frame: frame, part: screen.centered(Size(columns: width, rows: rows)),
      lines: lines + (blanks > 0 ? [StyledText()] : []) + fields + complaint,
      pageCount: pageCount, marks: marks)
  }

  private static let dialogColumns = 72

  private func dialogTitle(_ dialog: Dialog) -> String {
    if dialog.kind == .endRoll { return "Rolling restart" }
    if !dialog.endings.isEmpty {
      return "End \(Format.count(dialog.endings.count, "session"))"
    }
    if let session = dialog.session { return "End the session of \(session.userText)" }
    return dialog.targets.isEmpty
      ? "Add an instance" : "\(dialog.kind.opening) \(dialog.targetsText)"
  }

  private func fieldLines(
    _ dialog: Dialog, _ fields: [DialogField], columns: Int
  ) -> [StyledText] {
    let labels = fields.filter { !$0.isCheck }.map { label(of: $0, in: dialog) }
    let labelColumns = 1 + (labels.map(\.columns).max() ?? 0)
    return fields.map { field in
      line(of: field, in: dialog, labelColumns: min(labelColumns, columns / 2), columns: columns)
    }
  }

  private func label(of field: DialogField, in dialog: Dialog) -> String {
    guard field.name == .confirmation, let text = dialog.confirmationText else {
      return field.label
    }
    return "\(field.label) \"\(text)\""
  }

  private func line(
    of field: DialogField, in dialog: Dialog, labelColumns: Int, columns: Int
  ) -> StyledText {
    let isFocused = dialog.focus == .field(field.name)
    let mark = StyledText(isFocused ? "▸" : " ", .bold)
    let style = Style(isBold: isFocused, isUnderlined: isFocused)
    if field.isCheck {
      return mark + StyledText("[\(field.isOn ? "x" : " ")] \(field.label)", style)
    }
    let label = label(of: field, in: dialog).truncated(to: labelColumns - 1)
    let room = max(4, columns - labelColumns - 3)
    if field.text.isEmpty, !isFocused, !field.hint.isEmpty {
      let hint = field.hint.truncated(to: room).padding(to: room)
      return mark + StyledText(label.padding(to: labelColumns)) + StyledText("[")
        + StyledText(hint, Style(isDim: true)) + StyledText("]")
    }
    // Of a long text, the part around the cursor.
    let text =
      isFocused
      ? field.cursor.shown(field.text, columns: room) : field.text.suffixFitting(room - 1)
    return mark + StyledText(label.padding(to: labelColumns))
      + StyledText("[") + StyledText(text.padding(to: room), style) + StyledText("]")
  }

  private func dialogComplaint(_ dialog: Dialog, columns: Int) -> [StyledText] {
    let text = dialog.complaint ?? dialog.inquiry.refusal ?? typedFault(dialog)
    return text.map {
      StyledText.wrapped($0, columns: columns, style: .colored(.red, isBold: true))
    } ?? []
  }

  /// What is wrong with the input, if there is any.
  private func typedFault(_ dialog: Dialog) -> String? {
    dialog.fields.first { !$0.text.isEmpty && $0.fault != nil }?.fault
  }

  /// The question, its effect and its warnings.
  private func dialogLines(_ dialog: Dialog, columns: Int, isShort: Bool) -> [StyledText] {
    let targets = dialog.targets.compactMap { newest($0) }
    let asked = question(dialog, targets)
    func wrapped(_ text: String, _ style: Style = .plain) -> [StyledText] {
      text.isEmpty ? [] : StyledText.wrapped(text, columns: columns, style: style)
    }
    let news = changeWords(dialog).flatMap { wrapped($0, .warning) }
    let hidden = wrapped(hiddenWords(dialog), .bold)
    let names = targets.count > 1 ? nameLines(targets, columns: columns) : []
    let presence = wrapped(presenceWords(dialog))
    let effect = wrapped(effectText(dialog))
    let warnings = dialog.inquiry.warnings.flatMap { warning in
      wrapped(warningText(warning, of: dialog), .colored(.red, isBold: true))
    }
    guard isShort else {
      return news + wrapped(asked) + hidden + names + presence + effect + warnings
    }
    // If not everything fits, first what ends, then what is new, then the warnings.
    let head = String(asked.prefix { $0 != "?" && $0 != "." })
    let brief =
      targets.count > 1 ? shortQuestion(dialog, targets, columns: columns) : head + "?"
    let rest = String(asked.dropFirst(head.count + 2))
    return wrapped(endWords(dialog, targets), .bold) + news + wrapped(brief) + hidden + warnings
      + effect + presence + names + wrapped(rest)
  }

  /// The meaning of a warning in this case, with numbers.
  func warningText(_ warning: OpenEnum<ImpactWarning>, of dialog: Dialog) -> String {
    guard let known = warning.known else { return "\(warning.rawValue): \(warning.sentence)" }
    switch known {
    case .lastServer: return "Last server: nobody could log on any more."
    case .lastBatchServer: return "Last batch server: batch jobs would have nowhere to run."
    case .lastBalancer: return "Last balancer: \(warning.sentence)."
    case .overCapacity:
      let others = (feed.snapshot?.handshakeList ?? []).filter { !dialog.targets.contains($0) }
      let holds = others.reduce(0) { $0 + (feed.snapshot?[$1]?.load.maximum ?? 0) }
      let open = (others + dialog.targets).reduce(0) {
        $0 + (feed.snapshot?[$1]?.load.connected ?? 0)
      }
      return "Over capacity: the remaining servers hold \(Format.grouped(holds)), "
        + "\(Format.count(open, "session")) \(open == 1 ? "is" : "are") open."
    }
  }

  /// The names and sessions of several targets, as many as fit into four lines.
  private func nameLines(_ targets: [InstanceStatus], columns: Int) -> [StyledText] {
    var flow = TextFlow(columns: columns, mostLines: 4)
    for (place, target) in targets.enumerated() {
      let item = StyledText(target.id.text, .bold) + StyledText(" \(target.sessionsText)")
      if !flow.append(item, of: targets.count - place) { break }
    }
    return flow.lines
  }

  /// The effect, as the balancer predicts it.
  private func effectText(_ dialog: Dialog) -> String {
    let inquiry = dialog.inquiry
    guard let last = inquiry.shownImpacts.last else {
      if inquiry.refusal != nil || inquiry.pending.isEmpty { return "" }
      return "Asking \(feed.snapshot?.balancer.id.text ?? "the balancer") what this would change."
    }
    let listed = feed.snapshot?.handshakeList ?? []
    let after = Set(last.handshakeList)
    let stay = listed.count { id in
      inquiry.shownImpacts.allSatisfy { $0.handshakeList.contains(id) }
    }
    let come = after.subtracting(listed).count
    let whole = Format.count(listed.count, "server")
    // The ASCII replacement of the arrow would look like "greater than".
    let arrow = options.isASCII ? "to" : "→"
    let isKnown = last.workloadBefore != nil || last.workloadAfter != nil
    // Only sessions count: reserved places are on their way, and may end elsewhere.
    let (now, then) = (Format.percent(last.workloadBefore), Format.percent(last.workloadAfter))
    let load = isKnown ? " Load of the list: \(now) \(arrow) \(then)." : ""
    if come > 0 {
      let grown = Format.count(after.count, "server")
      return "The list grows from \(Format.grouped(listed.count)) to \(grown).\(load)"
    }
    if stay == listed.count {
      guard isKnown else { return "The list does not change (\(whole))." }
      return now == then
        ? "The list does not change (\(whole), \(now))."
        : "The list does not change (\(whole)).\(load)"
    }
    if stay == 0 { return "No server is left in the list: new clients cannot log on." }
    return "\(Format.grouped(stay)) of \(whole) \(stay == 1 ? "stays" : "stay") in the list.\(load)"
  }
}

extension Dialog.Kind {
  /// The beginning of a sentence that continues with its targets.
  var opening: String {
    switch self {
    case .limit: "Change the maximum of"
    case .roll: "Rolling restart:"
    default: title
    }
  }

  /// The word to type before the number of its targets.
  var word: String { self == .limit ? "change" : rawValue }

  /// The beginning of a sentence about it.
  var deed: String {
    switch self {
    case .limit: "Change"
    case .endSession: "End of the session"
    case .roll: "Restart"
    case .endRoll: "End of the rolling restart"
    case .drain, .enable, .remove, .add: title
    }
  }

  /// The word in the title of the dialog and on its button.
  var title: String {
    switch self {
    // This program restarts nothing: a turn begins with a drain.
    case .drain, .roll: "Drain"
    case .enable: "Enable"
    case .remove: "Remove"
    case .limit: "Change"
    case .add: "Add"
    case .endSession, .endRoll: "End"
    }
  }
}

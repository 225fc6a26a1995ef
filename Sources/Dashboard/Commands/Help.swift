internal import CellGrid
internal import ClusterModel

/// The subject of a help screen, and the place to return to.
enum HelpTopic: Equatable, Sendable {
  case pane(Pane)
  case detail(InstanceID)
  case alerts
  /// The dialog stays open behind its help.
  case dialog(Dialog)

  var place: Place {
    switch self {
    case .pane(let pane): Place(pane)
    case .detail: .detail
    case .alerts: .alerts
    case .dialog(let dialog): dialog.place
    }
  }

  /// The overlay to show after it.
  var overlay: Overlay {
    switch self {
    case .pane: .none
    case .detail(let id): .detail(id, offset: 0)
    case .alerts: .alerts(offset: 0)
    case .dialog(let dialog): .dialog(dialog)
    }
  }
}

extension Dashboard {
  private static let termColumns = 16

  /// The help screen: the part about the present place first, then the rest.
  func helpLines(about topic: HelpTopic, columns: Int) -> [StyledText] {
    let place = topic.place
    var lines = StyledText.wrapped(place.introduction, columns: columns)
    let first = HelpSection.all.filter { $0.places.contains(place) }
    let keys = HelpSection.all.filter { $0.lines.contains { $0.command != nil } }
    let rest = HelpSection.all.filter { section in
      !section.places.contains(place) && section.lines.allSatisfy { $0.command == nil }
    }
    // The legend of the instances is long and soon known, so there the keys come first.
    for section in place == .instances ? keys + first : first + keys {
      lines += self.lines(of: section, in: place, columns: columns)
    }
    if !rest.isEmpty { lines += [StyledText(), StyledText("Elsewhere", .bold)] }
    for section in rest { lines += self.lines(of: section, in: place, columns: columns) }
    return lines
  }

  private func lines(
    of section: HelpSection, in place: Place, columns: Int
  ) -> [StyledText] {
    let shown = section.lines.filter { $0.isSeen(in: place) }
    guard !shown.isEmpty else { return [] }
    var title = StyledText(section.title, .bold)
    if shown.contains(where: { $0.command?.group == .change }), let obstacleToChange {
      title.append("  — not now: \(obstacleToChange)")
    }
    return [StyledText(), title] + shown.flatMap { line(of: $0, columns: columns) }
  }

  private func line(of line: HelpSection.Line, columns: Int) -> [StyledText] {
    let isOff = line.command?.obstacle(self) != nil
    let text = line.text + (isOff ? " (not now)" : "")
    let style = Style(isDim: isOff)
    let term = line.term.columns < Self.termColumns ? line.term : line.term + " "
    let head = "  " + term.padding(to: Self.termColumns)
    let wrapped = StyledText.wrapped(text, columns: columns - head.columns, style: style)
    let blanks = String(repeating: " ", count: head.columns)
    return wrapped.enumerated().map { StyledText($0 == 0 ? head : blanks, style) + $1 }
  }
}

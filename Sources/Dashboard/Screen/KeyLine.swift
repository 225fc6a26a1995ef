internal import CellGrid

extension Dashboard {
  /// The last line, from the table of commands.
  func drawKeys(into grid: inout Grid, _ layout: Layout, keeping drawn: inout DrawnParts) {
    let keyBar = keyBar
    let part = Rectangle(row: layout.keyRow, column: 0, rows: 1, columns: grid.size.columns)
    grid.draw(keyBar, in: part, keeping: &drawn.keys) {
      keyBar.draw(into: &$0, row: part.row, column: 0, width: part.columns)
    }
  }

  /// The keys that are useful now; none that would be refused.
  var keyBar: KeyBar {
    let offered = (Command.byPlace[place] ?? []).compactMap { command in
      command.offer(self).flatMap { command.obstacle(self) == nil ? (command, $0) : nil }
    }
    return KeyBar(
      Command.Offer.Rank.allCases.flatMap { rank in
        offered.filter { $0.1.rank == rank }.map { command, offer in
          KeyBar.Entry(
            key: offer.joint ?? command.keys[0].description, title: offer.title,
            weight: offer.weight, press: offer.joint == nil ? command.keys[0] : nil)
        }
      })
  }

  /// The way out of a text.
  var backOffer: Command.Offer? {
    if overlay == .none { return nil }
    return Command.Offer(place == .picking ? "To the instance" : "Back", 100, .back)
  }

  var moveOffer: Command.Offer? {
    if overlay == .none { return nil }
    return Command.Offer(
      place == .picking ? "Pick a session" : "Scroll", 80, .move, joint: "↑↓")
  }

  /// Returns from a picture that is not current.
  func timeOffer(_ title: String, _ weight: Int) -> Command.Offer? {
    origin.isOfNow ? nil : Command.Offer(title, weight, .news)
  }

  /// What `z` does now. If it resumes something, its entry comes before others.
  var pauseOffer: Command.Offer {
    switch origin {
    case .live, .past: Command.Offer("Pause", 30)
    case .paused: Command.Offer("Resume", 94)
    case .replay(let isRunning): Command.Offer(isRunning ? "Pause" : "Play", 94)
    }
  }
}

internal import CellGrid
internal import ClusterModel

/// The filter while the operator types it.
extension Dashboard {
  mutating func startFilter() {
    view.filterBefore = view.filter.text
    view.lineCursor = LineCursor()
    typedBefore.leave()
    focus(.instances)
  }

  mutating func typeFilter(_ key: Key) {
    let text = view.filter.text
    if case .character(let character) = key {
      let longer = view.lineCursor.inserting(character, into: text)
      guard let fit = Filter.checked(longer) else { return }
      view.filter.text = fit
    } else if let edited = view.lineCursor.edit(text, by: key) {
      view.filter.text = edited
    } else {
      return
    }
    guard view.filter.text != text else { return }
    typedBefore.leave()
    followFilter()
  }

  mutating func keepFilter() {
    typedBefore.keep(view.filter.text, .filter)
    view.filterBefore = nil
    followFilter()
  }

  mutating func clearFilter() {
    view.filter.text = ""
    view.filterBefore = nil
    followFilter()
  }

  /// Moves in the rows that the filter shows. In an empty line ↑ brings back earlier filters, and
  /// then ↑ and ↓ move among these.
  mutating func goOnInRows(_ key: Key) -> [Effect] {
    let step = key == .up ? 1 : key == .down ? -1 : 0
    if step != 0, typedBefore.steps > 0 || (step == 1 && view.filter.text.isEmpty) {
      if let text = typedBefore.recall(step, .filter, from: view.filter.text) {
        view.filter.text = text
        view.lineCursor = LineCursor()
        followFilter()
      }
      return []
    }
    typedBefore.keep(view.filter.text, .filter)
    view.filterBefore = nil
    let effects = handle(key)
    followFilter()
    return effects
  }

  /// Updates the rows to the typed filter.
  mutating func followFilter() {
    view.heldUntil = nil
    reselectRows()
  }
}

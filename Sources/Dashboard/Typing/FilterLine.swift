internal import CellGrid
internal import ClusterModel

/// The filter while it is typed.
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

  /// The key moves in the rows that the filter leaves. In an empty line ↑ brings back what was
  /// typed before, and then ↑ and ↓ go on in that.
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

  /// The rows follow what was typed.
  mutating func followFilter() {
    view.heldUntil = nil
    reselectRows()
  }
}

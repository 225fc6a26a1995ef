extension Array {
  /// How many elements at the front a condition holds for, where it holds for none behind them: the
  /// place of the first that it does not hold for. Looks at a few of them only.
  @inlinable
  package func prefixCount(where holds: (Element) -> Bool) -> Int {
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      if holds(self[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}

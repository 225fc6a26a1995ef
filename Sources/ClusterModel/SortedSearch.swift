extension Array {
  /// The number of leading elements for which a condition is true, where it is false for all
  /// elements after them. This is the index of the first element for which it is false. A binary
  /// search.
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

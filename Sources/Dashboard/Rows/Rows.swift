package import ClusterModel

/// The rows of a picture, computed once and drawn often.
package struct Rows: Equatable, Sendable {
  /// The visible instances, in order.
  package var ids: [InstanceID] = []
  /// The instances outside the handshake list, in natural order.
  package var excluded: [InstanceID] = []
  package var totals = Totals()
  package var measures = Measures()
  /// The ids in the order of the picture, and their indices in natural order.
  private var listed: [InstanceID] = []
  private var naturalPlaces: [Int] = []
  /// The indices in the last requested order.
  private var sortedPlaces: [Int] = []
  private var sortedBy: SortOrder?
  /// The indices of `ids`, and the filter that selected them; nil where they are not known.
  private var shownPlaces: [Int] = []
  private var chosenBy: Filter?

  package init() {}

  /// Computes everything again, after the picture changed.
  package mutating func rebuild(
    from snapshot: ClusterSnapshot, filter: Filter, sort: SortOrder, facts: SortFacts
  ) {
    let isKnown = keepNaturalOrder(of: snapshot)
    measures = Measures(snapshot.instances, seats: snapshot.license.seats)
    totals = Totals(snapshot.instances)
    excluded = naturalPlaces.compactMap { place in
      snapshot.instances[place].exclusion == nil ? nil : snapshot.instances[place].id
    }
    if !isKnown || sort != .byID { sortedBy = nil }
    chosenBy = nil
    reselect(from: snapshot, filter: filter, sort: sort, facts: facts)
  }

  /// Computes again which rows are visible, after the filter or the order changed.
  package mutating func reselect(
    from snapshot: ClusterSnapshot, filter: Filter, sort: SortOrder, facts: SortFacts
  ) {
    if sort != sortedBy {
      sortedPlaces = sort.sorted(naturalPlaces, of: snapshot.instances, facts)
      sortedBy = sort
      chosenBy = nil
    }
    guard filter.isActive else {
      chosenBy = nil
      ids = sortedPlaces.map { snapshot.instances[$0].id }
      return
    }
    let matches = filter.matcher(seats: measures.seats)
    shownPlaces = candidates(for: filter).filter { matches(snapshot.instances[$0]) }
    ids = shownPlaces.map { snapshot.instances[$0].id }
    chosenBy = filter
  }

  /// The indices that a filter must check. With every typed letter fewer are left, and only these
  /// are checked again.
  func candidates(for filter: Filter) -> [Int] {
    chosenBy.map(filter.narrows) ?? false ? shownPlaces : sortedPlaces
  }

  /// As `rebuild`, but rows stay in place: those that are gone are removed, and new ones come last.
  package mutating func rebuildHoldingOrder(
    from snapshot: ClusterSnapshot, filter: Filter, sort: SortOrder, facts: SortFacts
  ) {
    let held = ids
    rebuild(from: snapshot, filter: filter, sort: sort, facts: facts)
    let present = Set(ids)
    let known = Set(held)
    ids = held.filter { present.contains($0) } + ids.filter { !known.contains($0) }
    chosenBy = nil
  }

  /// Computes what depends on loads alone.
  package mutating func recount(_ snapshot: ClusterSnapshot) {
    totals = Totals(snapshot.instances)
    measures.makeRoom(for: snapshot.instances)
    chosenBy = nil
    if let sort = sortedBy, sort.dependsOnLoad { sortedBy = nil }
  }

  /// Comparing ids takes the most time, so it is done only when instances came or went.
  ///
  /// - Returns: Whether the order stays as it is.
  private mutating func keepNaturalOrder(of snapshot: ClusterSnapshot) -> Bool {
    let ids = snapshot.instances.map(\.id)
    guard ids != listed else { return true }
    listed = ids
    naturalPlaces = ids.indices.sorted { NaturalOrder.precedes(ids[$0].text, ids[$1].text) }
    return false
  }
}

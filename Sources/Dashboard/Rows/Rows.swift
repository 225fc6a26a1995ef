package import ClusterModel

/// What is worked out from a picture once and drawn often.
package struct Rows: Equatable, Sendable {
  /// The instances shown, in their order.
  package var ids: [InstanceID] = []
  /// Those that clients are not given, in natural order.
  package var excluded: [InstanceID] = []
  package var totals = Totals()
  package var measures = Measures()
  /// The ids of the picture as it lists them, and their places in natural order.
  private var listed: [InstanceID] = []
  private var naturalPlaces: [Int] = []
  /// The places in the order that was asked for last.
  private var sortedPlaces: [Int] = []
  private var sortedBy: SortOrder?
  /// The places of `ids`, and the filter that chose them; nil where they are not known.
  private var shownPlaces: [Int] = []
  private var chosenBy: Filter?

  package init() {}

  /// Works everything out again, after the picture changed.
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

  /// Works out again which rows are shown, after filter or order changed.
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

  /// The places that a filter is held against: with every letter that is typed fewer are left, and
  /// only they are looked at again.
  func candidates(for filter: Filter) -> [Int] {
    chosenBy.map(filter.narrows) ?? false ? shownPlaces : sortedPlaces
  }

  /// As `rebuild`, but rows stay where they are: gone ones go, new ones come last.
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

  /// What a change of loads alone can change.
  package mutating func recount(_ snapshot: ClusterSnapshot) {
    totals = Totals(snapshot.instances)
    measures.makeRoom(for: snapshot.instances)
    chosenBy = nil
    if let sort = sortedBy, sort.dependsOnLoad { sortedBy = nil }
  }

  /// Comparing ids is the dear part, so it is done only when instances came or went.
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

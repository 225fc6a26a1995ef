internal import ClusterModel

/// One list of rows made of two, without a copy of either.
struct RowOrder {
  let first: [InstanceID]
  var second: [InstanceID] = []

  var count: Int { first.count + second.count }
  var isEmpty: Bool { count == 0 }

  subscript(place: Int) -> InstanceID {
    place < first.count ? first[place] : second[place - first.count]
  }

  /// The index of an instance, searched first where it was last seen.
  func place(of id: InstanceID, near hint: Int) -> Int? {
    if (0..<count).contains(hint), self[hint] == id { return hint }
    return first.firstIndex(of: id) ?? second.firstIndex(of: id).map { $0 + first.count }
  }
}

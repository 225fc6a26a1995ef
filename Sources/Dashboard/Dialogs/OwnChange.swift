internal import ClusterModel

/// What was changed here and the picture does not show yet. A key that follows at once is about
/// the cluster as this change leaves it.
extension Dashboard {
  /// An instance with the newest order that is known: the one in the picture, or the one in the
  /// answer to a change that was made here.
  func newest(_ id: InstanceID) -> InstanceStatus? {
    guard var instance = feed.snapshot?[id] else { return nil }
    if let answered = log.answered[id], answered.admissionAt > instance.admissionAt {
      instance.record = answered
    }
    return instance
  }

  /// Enabling it would change nothing.
  func isEnabled(_ id: InstanceID) -> Bool {
    if case .drain? = log.waiting(for: id)?.command { return false }
    return newest(id)?.admission == .accepting
  }

  /// Which changes by this screen have no answer yet; empty where all have one.
  func waitingWords(_ targets: [InstanceStatus]) -> String {
    let waiting = targets.compactMap { target in
      log.waiting(for: target.id).map { (target.id, $0.command.kind) }
    }
    guard let (id, kind) = waiting.first else { return "" }
    if waiting.count == 1 {
      return " Your \(OpenEnum.known(kind).title) of \(id) has no answer yet."
    }
    return " Your changes of \(Format.grouped(waiting.count)) of them have no answer yet."
  }
}

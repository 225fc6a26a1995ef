internal import ClusterModel

/// Changes that were made here and that the picture does not show yet. The next key already takes
/// them into account.
extension Dashboard {
  /// An instance with its newest known order: that of the picture, or that in the answer to a
  /// change made here.
  func newest(_ id: InstanceID) -> InstanceStatus? {
    guard var instance = feed.snapshot?[id] else { return nil }
    if let answered = log.answered[id], answered.admissionAt > instance.admissionAt {
      instance.record = answered
    }
    return instance
  }

  /// Whether enabling it would change nothing.
  func isEnabled(_ id: InstanceID) -> Bool {
    if case .drain? = log.waiting(for: id)?.command { return false }
    return newest(id)?.admission == .accepting
  }

  /// Which changes of this screen have no answer yet; empty where all have one.
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

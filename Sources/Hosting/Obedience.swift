package import ClusterModel

/// The result of a desired state. The caller has checked that the cluster signed it.
package enum ObeyOutcome: Hashable, Sendable {
  /// It is in force and must be stored. These users must be told something.
  case obeyed([Delivery])
  /// It is in force already.
  case known
  /// A newer one is in force.
  case outdated(known: Int64)
  /// It is from another registry, and not the answer to a join.
  case otherRegistry
}

/// The order that an instance confirms to obey.
package struct Confirmation: Hashable, Sendable {
  /// The epoch of the registry that gave the order.
  package var epoch: String
  package var revision: Int64
  /// The digest of the order.
  package var digest: String

  package init(epoch: String, revision: Int64, digest: String) {
    self.epoch = epoch
    self.revision = revision
    self.digest = digest
  }
}

extension InstanceLife {
  /// The revision that it obeys; 0 before its first document.
  package var revision: Int64 { desired?.revision ?? 0 }

  /// The highest revision that it obeys and would obey after a restart, which it may confirm.
  package var confirmedRevision: Int64 {
    confirmedState?.revision ?? 0
  }

  /// The digest of the document with that revision; nil before the first.
  package var confirmedDigest: String? { confirmedState?.digest }

  /// The confirmation; nil before the first document.
  package var confirmation: Confirmation? {
    confirmedState.map {
      Confirmation(epoch: $0.epoch, revision: $0.revision, digest: $0.digest)
    }
  }

  private var confirmedState: DesiredState? {
    guard let desired, let keptDesired, keptDesired.epoch == desired.epoch else { return nil }
    return keptDesired.revision < desired.revision ? keptDesired : desired
  }

  /// A document was stored, so that it survives the death of the process.
  package mutating func kept(_ document: DesiredState) { keptDesired = document }

  /// The name of its cluster; empty before its first document.
  package var cluster: String { desired?.cluster ?? "" }

  /// The admission in force: the operator's order, unless its drain ended with the restart.
  package var admission: Admission {
    guard let desired else { return .rejecting }
    return isEndedByRestart(desired.drain) ? .accepting : desired.admission
  }

  /// The drain in force.
  package var drain: Drain? {
    guard let desired, desired.admission == .rejecting, !isEndedByRestart(desired.drain) else {
      return nil
    }
    return desired.drain
  }

  /// The start of the drain that ended with the restart and that the balancers still order, so that
  /// they can be told.
  package var drainEndedByRestart: Timestamp? {
    desired.flatMap { isEndedByRestart($0.drain) ? $0.drain?.startedAt : nil }
  }

  /// A drain that is ordered again without this term is a different one.
  private func isEndedByRestart(_ drain: Drain?) -> Bool {
    guard let drain, drain.untilRestart else { return false }
    return drain.startedAt == endedDrain
  }

  /// Obeys the highest revision of its registry that it has seen.
  ///
  /// - Parameter byJoin: Whether it came as the answer to a join. Only then may an instance change
  ///   to another registry.
  package mutating func obey(
    _ new: DesiredState, byJoin: Bool, now: Moment
  ) -> ObeyOutcome {
    if let desired {
      if new.epoch != desired.epoch {
        guard byJoin else { return .otherRegistry }
      } else if new.revision < desired.revision {
        return .outdated(known: desired.revision)
      } else if new.revision == desired.revision {
        return .known
      }
    }
    let before = DrainWarning(drain)
    desired = new
    return .obeyed(announce(from: before, to: DrainWarning(drain), now: now))
  }
}

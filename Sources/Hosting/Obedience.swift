package import ClusterModel

/// The result of a desired state. The caller has made sure that the cluster signed it.
package enum ObeyOutcome: Hashable, Sendable {
  /// It is in force and must be kept; these users are told something.
  case obeyed([Delivery])
  /// It is the one in force.
  case known
  /// A newer one is in force.
  case outdated(known: Int64)
  /// From another registry, and not as the answer to a join.
  case otherRegistry
}

/// What an instance confirms that it obeys.
package struct Confirmation: Hashable, Sendable {
  /// Names the registry whose order it is.
  package var epoch: String
  package var revision: Int64
  /// Stands for what the order says.
  package var digest: String

  package init(epoch: String, revision: Int64, digest: String) {
    self.epoch = epoch
    self.revision = revision
    self.digest = digest
  }
}

extension InstanceLife {
  /// The revision it obeys; 0 before its first document.
  package var revision: Int64 { desired?.revision ?? 0 }

  /// The highest revision that it obeys and would obey after a restart: what it confirms.
  package var confirmedRevision: Int64 {
    confirmedState?.revision ?? 0
  }

  /// Stands for what the document of that revision says; nil before the first.
  package var confirmedDigest: String? { confirmedState?.digest }

  /// What it confirms; nil before the first document.
  package var confirmation: Confirmation? {
    confirmedState.map {
      Confirmation(epoch: $0.epoch, revision: $0.revision, digest: $0.digest)
    }
  }

  private var confirmedState: DesiredState? {
    guard let desired, let keptDesired, keptDesired.epoch == desired.epoch else { return nil }
    return keptDesired.revision < desired.revision ? keptDesired : desired
  }

  /// A document is where no death of the process can reach it.
  package mutating func kept(_ document: DesiredState) { keptDesired = document }

  /// The name of its cluster; empty before its first document.
  package var cluster: String { desired?.cluster ?? "" }

  /// The admission in force: what the operator ordered, unless its drain ended with the restart.
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

  /// When the drain began that the balancers still order and that ended with the restart: they
  /// are to be told.
  package var drainEndedByRestart: Timestamp? {
    desired.flatMap { isEndedByRestart($0.drain) ? $0.drain?.startedAt : nil }
  }

  /// A drain that is asked for again, without this term, is a different one.
  private func isEndedByRestart(_ drain: Drain?) -> Bool {
    guard let drain, drain.untilRestart else { return false }
    return drain.startedAt == endedDrain
  }

  /// Obeys the highest revision of its registry that it has seen.
  ///
  /// - Parameter byJoin: Whether it came as the answer to a join, with which an instance may
  ///   change to another registry.
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

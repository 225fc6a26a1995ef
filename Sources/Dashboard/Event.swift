package import CellGrid
package import ClusterModel

/// What reaches the dashboard from outside.
package enum Event: Equatable, Sendable {
  /// Keys that were waiting together. What follows a key that opens or closes a dialog is dropped,
  /// so that nothing typed ahead answers a question that was not on the screen yet.
  ///
  /// - Parameter followsAtOnce: The keys before them came a moment ago: too quick for a person,
  ///   so all of them may be a paste that the terminal does not mark.
  case keys([Key], followsAtOnce: Bool = false)
  case resized(Size)

  case connecting(endpoint: String)
  case live(endpoint: String)
  /// - Parameter retryAt: Monotonic milliseconds of the next attempt.
  case lost(reason: String, retryAt: Int64)
  case snapshot(ClusterSnapshot)
  case change(ClusterChange)
  case action(ActionRecord)
  /// Something happened in the cluster; not to be taken for what this type holds.
  case event(ClusterEvent)
  /// Why the balancer takes no changes from this operator; nil where it does.
  case access(refusal: String?)
  /// What the balancer kept from before; for the sparklines.
  case history(BalancerHistory)

  case answer(RequestToken, Answer)
  /// The result of `Effect.seek`, or of a recording that runs; nil where nothing is kept.
  case past(PastPicture?)
  /// How the keeping of the feed fares.
  case recording(RecordingNotice)
  /// What happened to `Effect.copy`.
  case copied(String, to: ClipboardReach)
  /// Something that the operator should know of the terminal.
  case notice(String)
  /// The moment that `nextDeadline` named has come.
  case tick
}

/// What the dashboard asks of the program around it.
package enum Effect: Equatable, Sendable {
  case quit
  case suspend
  /// Draw every cell again.
  case redraw
  case reconnectNow
  /// Ask what a change would do; the answer comes back as `Event.answer` with the same token.
  case dryRun(RequestToken, Order)
  /// Carry a change out; answered likewise.
  case perform(RequestToken, Order)
  /// Ask for the open sessions of an instance; answered as `Event.answer`.
  case sessions(RequestToken, InstanceID)
  /// Ask for the sessions of a user or a computer on all servers; answered as `Event.answer`.
  case findSessions(RequestToken, SessionQuery)
  /// End these sessions, 1 to 100; answered as `Event.answer`.
  case endSessions(RequestToken, [FoundSession])
  /// Ask for the loads of this many minutes; answered as `Event.answer`.
  case history(RequestToken, minutes: Int)
  /// Put a text on the operator's clipboard; answered as `Event.copied`.
  case copy(String)
  case bell
  /// Show a picture of the past, or of the recording; it comes back as `Event.past`.
  case seek(Seek)
}

/// Ties an answer to its request. Each is used once in a run.
package struct RequestToken: Hashable, Sendable {
  package let number: Int

  package init(_ number: Int) {
    self.number = number
  }
}

/// The result of a request.
package enum Answer: Equatable, Sendable {
  /// - Parameters:
  ///   - instances: Those that were named, as they are now; as they would be for a dry run.
  ///   - delivered: Every one of them is known to obey.
  case done(instances: [InstanceStatus], delivered: Bool, impact: Impact)
  /// The open sessions that were asked for.
  case sessions([SessionInfo])
  /// What was found on all servers.
  case found(SessionFindings)
  /// So many of the sessions were ended; of each other one why not.
  case ended(Int, missed: [String])
  /// The loads that were asked for.
  case history(BalancerHistory)
  /// The balancer's own words, and what it wants acknowledged.
  case refused(String, warnings: [OpenEnum<ImpactWarning>])
  /// No answer: whether it was carried out is not known.
  case failed(String)
}

/// Loads of the past, oldest first.
package struct BalancerHistory: Equatable, Sendable {
  /// Seconds between two values.
  package var stepSeconds: Int
  package var instances: [InstanceID: [Load]]
  /// The cluster as a whole, oldest first.
  package var cluster: [ClusterSample]
  /// When the last values were taken, by the balancer's clock; nil where it does not say.
  package var at: Timestamp?

  package init(
    stepSeconds: Int, instances: [InstanceID: [Load]], cluster: [ClusterSample] = [],
    at: Timestamp? = nil
  ) {
    self.stepSeconds = stepSeconds
    self.instances = instances
    self.cluster = cluster
    self.at = at
  }
}

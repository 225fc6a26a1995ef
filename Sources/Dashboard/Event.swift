package import CellGrid
package import ClusterModel

/// Events that reach the dashboard from outside.
package enum Event: Equatable, Sendable {
  /// Keys that arrived together. After a key that opens or closes a dialog the rest is dropped, so
  /// that nothing typed ahead answers a question that was not on the screen yet.
  ///
  /// - Parameter followsAtOnce: Whether the keys before them came a moment ago: too fast for a
  ///   person, so that all of them may be a paste that the terminal does not mark.
  case keys([Key], followsAtOnce: Bool = false)
  case resized(Size)

  case connecting(endpoint: String)
  case live(endpoint: String)
  /// - Parameter retryAt: The time of the next attempt, in monotonic milliseconds.
  case lost(reason: String, retryAt: Int64)
  case snapshot(ClusterSnapshot)
  case change(ClusterChange)
  case action(ActionRecord)
  /// An event of the cluster, which has nothing to do with this type.
  case event(ClusterEvent)
  /// Why the balancer accepts no changes from this operator; nil where it does.
  case access(refusal: String?)
  /// The loads that the balancer kept, for the sparklines.
  case history(BalancerHistory)

  case answer(RequestToken, Answer)
  /// The result of `Effect.seek`, or of a recording that runs; nil where nothing is recorded.
  case past(PastPicture?)
  /// The state of the recording of the feed.
  case recording(RecordingNotice)
  /// The result of `Effect.copy`.
  case copied(String, to: ClipboardReach)
  /// Something that the operator should know about the terminal.
  case notice(String)
  /// The time of `nextDeadline` has come.
  case tick
}

/// What the dashboard asks of the program around it.
package enum Effect: Equatable, Sendable {
  case quit
  case suspend
  /// Draw every cell again.
  case redraw
  case reconnectNow
  /// Ask what a change would do. The answer comes as `Event.answer` with the same token.
  case dryRun(RequestToken, Order)
  /// Carry out a change. The answer comes in the same way.
  case perform(RequestToken, Order)
  /// Ask for the open sessions of an instance; answered by `Event.answer`.
  case sessions(RequestToken, InstanceID)
  /// Ask for the sessions of a user or a computer on all servers; answered by `Event.answer`.
  case findSessions(RequestToken, SessionQuery)
  /// End these sessions, 1 to 100; answered by `Event.answer`.
  case endSessions(RequestToken, [FoundSession])
  /// Ask for the loads of this many minutes; answered by `Event.answer`.
  case history(RequestToken, minutes: Int)
  /// Put a text on the operator's clipboard; answered by `Event.copied`.
  case copy(String)
  case bell
  /// Show a picture of the past, or of the recording; answered by `Event.past`.
  case seek(Seek)
}

/// Connects an answer with its request. Each token is used once in a run.
package struct RequestToken: Hashable, Sendable {
  package let number: Int

  package init(_ number: Int) {
    self.number = number
  }
}

/// The result of a request.
package enum Answer: Equatable, Sendable {
  /// - Parameters:
  ///   - instances: The instances of the request as they are now; for a dry run, as they would be.
  ///   - delivered: Whether all of them are known to obey.
  case done(instances: [InstanceStatus], delivered: Bool, impact: Impact)
  /// The open sessions that were requested.
  case sessions([SessionInfo])
  /// The sessions that were found on all servers.
  case found(SessionFindings)
  /// How many of the sessions were ended; for each other one the reason.
  case ended(Int, missed: [String])
  /// The loads that were requested.
  case history(BalancerHistory)
  /// The balancer's own words, and the warnings to acknowledge.
  case refused(String, warnings: [OpenEnum<ImpactWarning>])
  /// There was no answer, so it is not known whether the request was carried out.
  case failed(String)
}

/// Loads of the past, oldest first.
package struct BalancerHistory: Equatable, Sendable {
  /// Seconds between two values.
  package var stepSeconds: Int
  package var instances: [InstanceID: [Load]]
  /// The cluster as a whole, oldest first.
  package var cluster: [ClusterSample]
  /// When the last values were taken, by the balancer's clock; nil where the balancer does not say.
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

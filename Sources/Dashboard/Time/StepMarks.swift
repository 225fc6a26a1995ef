internal import ClusterModel

/// What is otherwise in a picture than in the one that a step in time was taken from.
struct StepMarks: Equatable, Sendable {
  var ranks = RankMarks()
  var states = TimedMarks<Bool>()

  init() {}

  /// - Parameter time: Milliseconds of the clock by which the marks go.
  init(from old: ClusterSnapshot, to new: ClusterSnapshot, at time: Int64) {
    let (before, after) = (old.handshakeList, new.handshakeList)
    ranks.note(ListMove.moves(from: before, to: after), from: before, to: after, at: time)
    for instance in new.instances where old[instance.id]?.state.name != instance.state.name {
      states.set(true, instance.id, at: time)
    }
  }
}

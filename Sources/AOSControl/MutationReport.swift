internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

/// The options of every command that changes the cluster.
struct MutationArguments: ParsableArguments {
  @Flag(help: "Show what would happen, and change nothing.")
  var dryRun = false

  @Option(
    help: ArgumentHelp(
      "Go ahead in spite of this warning: lastServer, lastBatchServer, lastBalancer or "
        + "overCapacity. Repeat it for several.", valueName: "warning"),
    completion: .list(ImpactWarning.allCases.map(\.rawValue)), transform: warning)
  var acknowledge: [OpenEnum<ImpactWarning>] = []

  /// The options, with a new key that stays the same when the request is repeated.
  var options: MutationOptions { MutationOptions(dryRun: dryRun, acknowledge: acknowledge) }
}

extension MutationAnswer {
  /// The result of a change or of a dry run, in words.
  ///
  /// - Parameter isAdding: Whether the instance was added just now, so that it cannot have
  ///   confirmed anything.
  func report(dryRun: Bool, isAdding: Bool = false) -> [String] {
    var lines = instances.map { instance in
      "\(instance.id) \(dryRun ? "would be" : "is") \(instance.stateInWords)"
    }
    if !dryRun {
      lines += instances.filter { !$0.delivered }.map { instance in
        if isAdding {
          return "\(instance.id) has not connected yet; until then it takes no clients"
        }
        return "\(instance.id) has not confirmed it yet\(instance.absence); "
          + (instance.undelivered ?? "it obeys as soon as the balancer reaches it")
      }
      if !delivered, instances.allSatisfy(\.delivered) {
        lines.append("committed, but not yet confirmed by every instance")
      }
    }
    let list = impact.handshakeList.map(\.text).joined(separator: " ")
    lines.append("handshake list\(dryRun ? " afterwards" : ""): \(list.isEmpty ? "empty" : list)")
    if impact.workloadBefore != nil || impact.workloadAfter != nil {
      lines.append(
        "load of the list: \(impact.workloadBefore.percent) before, "
          + "\(impact.workloadAfter.percent) after")
    }
    return lines + impact.warnings.map { "warning \($0.rawValue): \($0.sentence)" }
  }
}

extension InstanceStatus {
  /// The state with its numbers.
  var stateInWords: String {
    if case .draining(let left) = state {
      let silent = load.withoutNotices > 0 ? ", \(load.withoutNotices) \(noticeWords)" : ""
      return "draining, \(left) \(left == 1 ? "session" : "sessions") left\(silent)"
    }
    let load = "\(load.connected) of \(load.maximum) connected"
    return role.isLoadBalancer ? state.name : "\(state.name), \(load)"
  }

  /// Of the sessions that no notice reaches, behind their number.
  var noticeWords: String { load.withoutNotices == 1 ? "gets no notice" : "get no notice" }

  fileprivate var absence: String {
    guard health != .alive else { return "" }
    let reason = healthReason.map { ": \($0)" } ?? ""
    return " (\(state.name) since \(healthSince)\(reason))"
  }
}

package import ClusterModel

extension Balancer {
  /// What dashboards learn about one instance.
  package func status(of id: InstanceID) -> InstanceStatus? {
    var status = instances[id]?.status(reserved: reserved(on: id))
    status?.slowStartUntil = slowStarts.until(id)
    return status
  }

  /// What would be told of instances if this were what is configured.
  package func statuses(
    of ids: [InstanceID], under contents: RegistryContents
  ) -> [InstanceStatus] {
    ids.compactMap { id in
      guard let row = contents.instances[id], !row.isRemoved else { return nil }
      var instance = instances[id] ?? BalancedInstance(row, since: row.admissionAt)
      instance.registered = row
      return instance.status(reserved: reserved(on: id))
    }
  }

  /// All instances that should be connected have said something, good or bad.
  package var hasHeardOfAll: Bool {
    instances.values.allSatisfy { $0.registered.role.isLoadBalancer || $0.health != .notYetSeen }
  }
}

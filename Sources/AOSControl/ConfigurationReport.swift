internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

/// The result of a check.
struct ConfigurationReport: Encodable, Equatable {
  struct Fault: Encodable, Equatable {
    var line: Int
    var complaint: String
    /// `error`: a server is missing because of it. `warning`: none is.
    var severity: String

    var isError: Bool { severity == "error" }
  }

  struct Entry: Encodable, Equatable {
    var entry: String
    var id: InstanceID?
    var role: String?
    var cluster: String?
    /// Why the server did not answer.
    var failure: String?

    var isBalancer: Bool { role == Role.loadBalancer.name }
    var isServer: Bool { role != nil && !isBalancer }
  }

  struct Configuration: Encodable, Equatable {
    var name: String
    var entries: [Entry]
    var warnings: [String]
  }

  var file: String
  /// The worst first, then by line.
  var faults: [Fault]
  var configurations: [Configuration]

  init(file: String, content: ClientConfigurationFile, answers: [Address: EntryCheck.Answer]) {
    self.file = file
    faults =
      content.faults.filter(\.isError).map { Fault($0, "error") }
      + content.faults.filter { !$0.isError }.map { Fault($0, "warning") }
    configurations = content.configurations.map { configuration in
      let entries = configuration.entries.map { Entry($0, answers[$0.address]) }
      return Configuration(
        name: configuration.name, entries: entries, warnings: Self.warnings(entries))
    }
  }

  private static func warnings(_ entries: [Entry]) -> [String] {
    var warnings: [String] = []
    if let server = entries.firstIndex(where: \.isServer) {
      for (place, entry) in entries.enumerated() where entry.isBalancer && place > server {
        warnings.append(
          "load balancer \(entry.entry) comes after server \(entries[server].entry): "
            + "load balancers must come first, or clients do not ask them")
      }
    }
    // An instance that has not joined yet reports an empty name.
    let clusters = Set(entries.compactMap(\.cluster)).subtracting([""]).sorted()
    if clusters.count > 1 {
      warnings.append("the entries belong to several clusters: \(clusters.joined(separator: ", "))")
    }
    return warnings
  }

  var text: [String] {
    var lines = faults.filter(\.isError).map { "\(file):\($0.line): \($0.complaint)" }
    for configuration in configurations {
      lines.append("configuration \(configuration.name)")
      var table = TextTable(columns: [.right("ENTRY"), .left("SERVER"), .left("ANSWERS")])
      for (place, entry) in configuration.entries.enumerated() {
        table.rows.append(["\(place + 1)", entry.entry, entry.words])
      }
      lines += table.lines + configuration.warnings.map { "warning: \($0)" }
    }
    lines += faults.filter { !$0.isError }
      .map { "\(file):\($0.line): \($0.complaint) (warning)" }
    return lines
  }

  var failure: ProgramFailure? {
    let warnings = configurations.reduce(0) { $0 + $1.warnings.count }
    if !faults.isEmpty || warnings > 0 {
      let lines = "\(faults.count) faulty \(faults.count == 1 ? "line" : "lines")"
      let words = "\(warnings) \(warnings == 1 ? "warning" : "warnings")"
      return ProgramFailure(.wrongInput, "\(file): \(lines), \(words)")
    }
    let entries = configurations.flatMap(\.entries)
    return entries.allSatisfy { $0.failure != nil }
      ? ProgramFailure(.unreachable, "\(file): no entry answers, so their order is not checked")
      : nil
  }
}

extension ConfigurationReport.Fault {
  fileprivate init(_ fault: ClientConfigurationFile.Fault, _ severity: String) {
    self.init(line: fault.line, complaint: fault.complaint, severity: severity)
  }
}

extension ConfigurationReport.Entry {
  fileprivate init(_ entry: ServerEntry, _ answer: EntryCheck.Answer?) {
    self.entry = "\(entry)"
    switch answer {
    case .success(let liveness):
      id = liveness.id
      role = liveness.role
      cluster = liveness.cluster
    case .failure(let failure): self.failure = "\(failure)"
    case nil: failure = "was not asked, since others took all the time"
    }
  }

  fileprivate var words: String {
    guard let id, let cluster else { return "does not answer: \(failure ?? "")" }
    let place = cluster.isEmpty ? "of no cluster yet" : "of cluster \(cluster)"
    return "\(isBalancer ? "load balancer" : "server") \(id) \(place)"
  }
}

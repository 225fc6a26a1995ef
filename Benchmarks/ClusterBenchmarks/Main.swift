internal import Glibc
internal import RealPrograms

/// Measures the project's programs beside their peers and prints the table of figures.
///
///     ClusterBenchmarks [--only NAME,NAME] [--write FILE]
@main
struct ClusterBenchmarks {
  /// A part of the table that can be run alone.
  struct Part: Sendable {
    let name: String
    /// A figure that misses its bar makes the run fail.
    let isStrict: Bool
    let run: @Sendable (Programs) throws -> Findings

    init(
      name: String, isStrict: Bool = false,
      run: @escaping @Sendable (Programs) throws -> [Figure]
    ) {
      self.init(name: name, isStrict: isStrict, findings: { Findings(figures: try run($0)) })
    }

    init(
      name: String, isStrict: Bool = false,
      findings: @escaping @Sendable (Programs) throws -> Findings
    ) {
      (self.name, self.isStrict, run) = (name, isStrict, findings)
    }
  }

  static let parts = [
    Part(name: "balancer", run: BalancerCost.run),
    Part(name: "handshake", run: HandshakeRate.run),
    Part(name: "storm", run: LogonStorm.run),
    Part(name: "traffic", run: Traffic.run),
    Part(name: "feed", run: FeedCrowd.run),
    Part(name: "visible", run: SessionToScreen.run),
    Part(name: "rest", run: DashboardAtRest.run),
    Part(name: "work", run: DashboardAtWork.run),
    Part(name: "scale", findings: Scale.run),
    Part(name: "instructions", isStrict: true, run: Instructions.run),
  ]

  static func main() {
    signal(SIGPIPE, SIG_IGN)
    Programs.allowManyFiles()
    do {
      try run(Array(CommandLine.arguments.dropFirst()))
    } catch {
      Output.note("\(error)")
      exit(error is UsageError ? 1 : 2)
    }
  }

  private static func run(_ arguments: [String]) throws {
    var options: [String: String] = [:]
    var rest = arguments[...]
    while let name = rest.popFirst() {
      guard
        ["--only", "--write", "--serve", "--visit", "--application", "--programs"].contains(name),
        let value = rest.popFirst()
      else { throw UsageError(description: "\(name) is not an option, or has no value") }
      options[name] = value
    }
    if let file = options["--serve"] { return try StoredAnswer.serve(file) }
    if options["--application"] != nil { return try TrafficServer.serve() }
    if let order = options["--visit"] { return try SessionCrowd.visit(order) }
    let names = options["--only"].map { $0.split(separator: ",").map(String.init) }
    for name in names ?? [] where !parts.contains(where: { $0.name == name }) {
      let known = parts.map(\.name).joined(separator: ", ")
      throw UsageError(description: "\(name) is none of \(known)")
    }
    if names != nil, options["--write"] != nil {
      throw UsageError(description: "the file holds the whole table: no --only with --write")
    }
    let programs = Programs(folder: try options["--programs"] ?? Programs.ownFolder())
    var report = Report()
    var failures: [String] = []
    for part in parts where names?.contains(part.name) ?? true {
      Output.note("measuring: \(part.name)")
      do {
        let findings = try part.run(programs)
        let figures = findings.figures
        report.figures += figures
        report.growth += findings.growth
        guard part.isStrict else { continue }
        failures += figures.filter { $0.verdict == .missed }
          .map { "\($0.what): \($0.ours), \($0.bar)" }
      } catch {
        failures.append("\(part.name) could not be measured: \(error)")
      }
    }
    Output.line(report.measured)
    guard failures.isEmpty else {
      throw ProgramFailure(failures.joined(separator: "\n"))
    }
    if let file = options["--write"] { try report.write(to: file) }
  }
}

struct UsageError: Error, CustomStringConvertible {
  let description: String
}

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
    /// It makes a table of its own in the section of growth, and no figures.
    let isGrowth: Bool
    let run: @Sendable (Programs) throws -> Findings

    init(
      name: String, isStrict: Bool = false,
      run: @escaping @Sendable (Programs) throws -> [Figure]
    ) {
      (self.name, self.isStrict, isGrowth) = (name, isStrict, false)
      self.run = { Findings(figures: try run($0)) }
    }

    init(name: String, growth: @escaping @Sendable (Programs) throws -> Findings) {
      (self.name, isStrict, isGrowth, run) = (name, false, true, growth)
    }
  }

  /// Names for several parts.
  static let groups = ["scale": parts.filter(\.isGrowth).map(\.name)]

  static let parts = [
    Part(name: "balancer", run: BalancerCost.run),
    Part(name: "handshake", run: HandshakeRate.run),
    Part(name: "storm", run: LogonStorm.run),
    Part(name: "traffic", run: Traffic.run),
    Part(name: "feed", run: FeedCrowd.run),
    Part(name: "visible", run: SessionToScreen.run),
    Part(name: "rest", run: DashboardAtRest.run),
    Part(name: "work", run: DashboardAtWork.run),
    Part(name: "instances", growth: Scale.instances),
    Part(name: "readers", growth: Scale.readers),
    Part(name: "sessions", growth: Scale.sessions),
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
    let asked = options["--only"].map { $0.split(separator: ",").map(String.init) }
    let names = asked?.flatMap { groups[$0] ?? [$0] }
    for name in names ?? [] where !parts.contains(where: { $0.name == name }) {
      let known = (parts.map(\.name) + groups.keys).joined(separator: ", ")
      throw UsageError(description: "\(name) is none of \(known)")
    }
    let chosen = parts.filter { names?.contains($0.name) ?? true }
    if names != nil, options["--write"] != nil, !chosen.allSatisfy(\.isGrowth) {
      throw UsageError(
        description: "the file holds the whole table: --write with --only goes for scale alone")
    }
    let programs = Programs(folder: try options["--programs"] ?? Programs.ownFolder())
    try measure(chosen, programs, file: options["--write"], isWhole: names == nil)
  }

  /// - Parameters:
  ///   - file: Is written, whatever could not be measured: the document says what that is.
  ///   - isWhole: All of the document, and not its section of growth alone.
  private static func measure(
    _ chosen: [Part], _ programs: Programs, file: String?, isWhole: Bool
  ) throws {
    var report = Report()
    var failures: [String] = []
    for part in chosen {
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
        report.missing.append("`\(part.name)` (\(error))")
        failures.append("\(part.name) could not be measured: \(error)")
      }
    }
    Output.line(report.measured)
    if let file { try report.write(to: file, isWhole: isWhole) }
    guard failures.isEmpty else { throw ProgramFailure(failures.joined(separator: "\n")) }
  }
}

struct UsageError: Error, CustomStringConvertible {
  let description: String
}

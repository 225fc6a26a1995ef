internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

struct DrainCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "drain",
    abstract: "Take instances out of service: no new sessions; the open ones continue.")

  @Argument(help: "The instances.", transform: checkedID)
  var ids: [InstanceID]
  @OptionGroup var terms: TermsArguments
  @Flag(help: "Enable the instance again when it restarts.") var untilRestart = false
  @Flag(name: .customLong("wait"), help: "Wait until the instances are drained.")
  var waits = false
  @OptionGroup var mutation: MutationArguments
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    if waits, mutation.dryRun { throw ValidationError("--wait cannot be used with --dry-run") }
  }

  func run() async throws {
    try await connection.withBalancer { balancer in
      let wanted = terms.terms(untilRestart: untilRestart)
      let report = try await termsReport(from: balancer)
      let answer = try await balancer.raw(
        .drain(ids, reason: terms.reason, terms: wanted), options: mutation.options)
      try connection.show(answer, as: MutationAnswer.self) {
        $0.report(dryRun: mutation.dryRun)
          + report.lines(of: $0, dryRun: mutation.dryRun)
      }
      if waits {
        let began: MutationAnswer = try answer.decoded()
        try await DrainWait(instances: began.instances, isQuiet: connection.json)
          .finish(at: balancer)
      }
    }
  }
}

/// The terms of a drain, except `--until-restart`.
struct TermsArguments: ParsableArguments {
  @Option(help: "Why; kept in the log.") var reason: String?
  @Option(help: "Message to the users with an open session.") var message: String?
  @Option(
    help: ArgumentHelp(
      "End sessions that report activity after this idle time, such as 2m.",
      valueName: "duration"))
  var closeIdleAfter: DurationArgument?
  @Option(
    help: ArgumentHelp(
      "End all remaining sessions after this time, such as 30m.", valueName: "duration"))
  var deadline: DurationArgument?

  func validate() throws {
    guard (closeIdleAfter?.seconds ?? 1) <= 86_400 else {
      throw ValidationError("--close-idle-after must be at most 24h")
    }
    try checkText(reason, option: "--reason")
    try checkText(message, option: "--message")
  }

  /// The terms for a drain that begins now.
  func terms(untilRestart: Bool) -> DrainTerms {
    DrainTerms(
      message: message, closeIdleAfterSeconds: closeIdleAfter?.seconds,
      deadline: deadline?.fromNow, untilRestart: untilRestart)
  }
}

extension DrainCommand {
  /// The terms that this drain replaces, for people. aosctl asks for them just before, because the
  /// answer to the drain has only its own.
  private func termsReport(from balancer: ClusterConnection) async throws -> TermsReport {
    guard !connection.json else { return TermsReport(before: []) }
    do throws(ClientFailure) {
      return TermsReport(before: try await balancer.status().instances)
    } catch {
      // Nothing was changed yet. Any other error is ignored: the answer to the drain itself
      // decides.
      if case .unreachable = error { throw error }
      return TermsReport(before: [])
    }
  }
}

struct EnableCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enable", abstract: "Take instances back into service.")

  @Argument(help: "The instances.", transform: checkedID)
  var ids: [InstanceID]
  @Option(help: "Why; kept in the log.") var reason: String?
  @OptionGroup var mutation: MutationArguments
  @OptionGroup var connection: ConnectionOptions

  func validate() throws { try checkText(reason, option: "--reason") }

  func run() async throws {
    try await connection.order(.enable(ids, reason: reason), mutation)
  }
}

private func checkText(_ text: String?, option: String) throws {
  guard let text else { return }
  _ = try checkedArgument { () throws(InvalidValue) in
    try PlainText.checkedSentence(text, field: option)
  }
}

internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import Dispatch
internal import ProgramSupport

struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Manage access tokens for operators, monitors and instances on other machines.",
    discussion: "Run it on a balancer's machine: only its Unix socket creates and revokes tokens.",
    subcommands: [Create.self, List.self, Assign.self, Revoke.self])

  /// Where people see whether a token was made, changed or revoked.
  private static let look = "aosctl token list"

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create",
      abstract: "Create a token. Its secret is shown once and cannot be shown again.",
      discussion: "A token whose secret cannot be written is revoked at once.")

    @Option(help: "What it allows: viewer reads, operator reads and changes, instance only joins.")
    var role: TokenRole
    @Option(
      help: ArgumentHelp(
        "Who uses it, as the log of actions shows it (default: role and id).",
        valueName: "name"))
    var name: String?
    @Option(
      help: ArgumentHelp(
        "Write the token to a new file that only you can read, instead of standard output.",
        valueName: "file"), completion: .file())
    var output: String?
    @Option(
      help: ArgumentHelp(
        "When the token expires: after a duration (90d), or at a day or time in UTC "
          + "(2027-12-31, 2027-12-31T18:00:00Z). Without it the token never expires.",
        valueName: "when"), transform: ExpiryArgument.init)
    var expires: ExpiryArgument?
    @Option(
      help: ArgumentHelp(
        "Role instance: how many ids the token may own (default: 64, or as many as the token "
          + "that it replaces).", valueName: "n"))
    var instances: Int?
    @Option(
      help: ArgumentHelp(
        "Role instance: take over all ids of this token. The old token stays valid until you "
          + "revoke it.", valueName: "token"))
    var replaces: String?
    @Option(
      help: ArgumentHelp(
        "Role instance: take over this id, even from another token. Repeat it for several ids.",
        valueName: "id"), transform: checkedID)
    var owns: [InstanceID] = []
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
      let most = Limits.members
      guard instances.map({ (1...most).contains($0) }) ?? true else {
        throw ValidationError("--instances must be 1 to \(most)")
      }
      guard role == .instance || instances == nil && replaces == nil && owns.isEmpty else {
        throw ValidationError("--instances, --replaces and --owns need --role instance")
      }
      if case .at(let time) = expires, time <= Surroundings.now {
        throw ValidationError("--expires is in the past")
      }
      if name?.isEmpty == true { throw ValidationError("--name is empty") }
      try checkName(name, option: "--name", limit: AccessToken.longestName)
    }

    private var request: TokenRequest {
      TokenRequest(
        role: role, name: name, expiresAt: expires?.time(from: Surroundings.now),
        instances: instances, replaces: replaces, owns: owns)
    }

    /// How far the making of a token has come, for a signal that ends the program.
    private enum Progress: Sendable {
      case asked
      case made(TokenInfo, ClusterConnection)
    }

    func run() async throws {
      // The file is made before the token, since a token that cannot be written down would be lost.
      let file = try output.map { path in
        try naming { () throws(ProgramFailure) in try NewFile(making: path, mode: 0o600) }
      }
      let progress = Shared(Progress?.none)
      let lastAct = LastAct {
        file?.remove()
        if let progress = progress.with({ $0 }) { Self.giveUp(progress) }
      }
      defer { lastAct.cancel() }
      let made: TokenInfo
      do {
        made = try await connection.withBalancer(look: TokenCommand.look) { balancer in
          let request = try MutationRequest.createToken(request)
          progress.with { $0 = .asked }
          let answer = try await balancer.raw(request)
          let token = try created(answer)
          progress.with { $0 = .made(token, balancer) }
          do { try handOver(token, answer, to: file) } catch {
            throw await Self.revoked(token, since: error, at: balancer)
          }
          // The secret is stored now.
          lastAct.cancel()
          return token
        }
      } catch {
        file?.remove()
        throw error
      }
      if file != nil { try show(made) }
    }

    /// A signal ends the program, and the secret is lost with it.
    private static func giveUp(_ progress: Progress) {
      switch progress {
      case .asked:
        console.error(
          "ended by a signal: a token may have been made whose secret nobody has; look with "
            + "\(TokenCommand.look), and revoke it")
      case .made(let token, let balancer):
        let done = DispatchSemaphore(value: 0)
        let isTold = Shared(false)
        let tell: @Sendable (String) -> Void = { words in
          let wasTold = isTold.with { isTold in
            defer { isTold = true }
            return isTold
          }
          if !wasTold { console.error(words) }
        }
        Task {
          tell(await revocation(of: token, at: balancer))
          done.signal()
        }
        guard done.wait(timeout: .now() + .seconds(2)) == .timedOut else { return }
        tell("the secret of token \(token.id) may be lost; run: aosctl token revoke \(token.id)")
      }
    }

    /// Names the option where its file is to blame.
    private func naming<Value>(
      _ make: () throws(ProgramFailure) -> Value
    ) throws(ProgramFailure) -> Value {
      do throws(ProgramFailure) { return try make() } catch {
        throw ProgramFailure(.wrongInput, "--output: \(error.plainWords)")
      }
    }

    /// - Throws: The server's refusal, which --json prints as well.
    private func created(_ answer: ClusterConnection.RawAnswer) throws -> TokenInfo {
      if connection.json, !answer.isSuccess { try console.json(asItIs: try answer.showableJSON()) }
      return try answer.decoded()
    }

    /// Writes the secret to the file or to standard output.
    private func handOver(
      _ token: TokenInfo, _ answer: ClusterConnection.RawAnswer, to file: NewFile?
    ) throws {
      let secret = token.token ?? ""
      if let file {
        try naming { () throws(ProgramFailure) in
          try file.write(Array("\(secret)\n".utf8))
          try file.finish()
        }
      } else if connection.json {
        try console.json(asItIs: try answer.showableJSON())
        try console.finish()
      } else {
        try console.line(secret)
        try console.finish()
      }
    }

    /// Revokes a token whose secret nobody has.
    ///
    /// - Returns: The message: the reason, and what happened to the token.
    private static func revoked(
      _ token: TokenInfo, since error: any Error, at balancer: ClusterConnection
    ) async -> ProgramFailure {
      ProgramFailure(.wrongInput, error.plainWords, await revocation(of: token, at: balancer))
    }

    /// Revokes the token, and describes the result.
    private static func revocation(
      of token: TokenInfo, at balancer: ClusterConnection
    ) async -> String {
      do {
        let answer = try await balancer.raw(MutationRequest.revokeToken(token.id))
        let _: TokenInfo = try answer.decoded()
        return "token \(token.id) is revoked, since its secret was not written completely"
      } catch {
        return
          "token \(token.id) has a secret that was not written completely, and it could not be "
          + "revoked (\(error.plainWords)); run: aosctl token revoke \(token.id)"
      }
    }

    /// Prints the token that is in the file, without its secret.
    private func show(_ token: TokenInfo) throws(ProgramFailure) {
      var token = token
      token.token = nil
      if connection.json {
        try console.json(token)
      } else {
        try console.line("\(token.role.rawValue) token \(token.id) for \(token.name)")
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Show the tokens, without their secrets.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      try await connection.show("/v1/tokens", as: TokenList.self) { list in
        var table = TextTable(columns: [
          .left("ID"), .left("NAME"), .left("ROLE"), .left("INSTANCES"), .left("CREATED"),
          .left("BY"), .left("EXPIRES"), .left("REVOKED"),
        ])
        for token in list.tokens {
          table.rows.append([
            token.id, token.name, token.role.rawValue, token.instancesInWords,
            "\(token.createdAt)", token.createdBy,
            token.expiresAt.map { "\($0)" + ($0 <= Surroundings.now ? " (expired)" : "") } ?? "-",
            token.revokedAt.map { "\($0)" } ?? "-",
          ])
        }
        return table.lines
      }
    }
  }

  struct Assign: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "assign",
      abstract: "Make a token the owner of ids, so that its bearer may join them.",
      discussion: """
        An id is local if it joined over the Unix socket, if an operator added it, or if it was \
        registered before ids had owners. No token may join a local id until you assign it.
        """)

    @Argument(help: "The token's id, as token list shows it.") var token: String
    @Argument(help: ArgumentHelp("The ids.", valueName: "id"), transform: checkedID)
    var ids: [InstanceID]
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
      if token.isEmpty { throw ValidationError("<token> is empty") }
    }

    func run() async throws {
      try await connection.change(
        .assign(ids, to: token), as: TokenInfo.self, look: TokenCommand.look
      ) { ["token \($0.id) of \($0.name) owns \($0.instancesInWords) ids"] }
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "revoke",
      abstract: "Revoke a token, at every balancer within a second.")

    @Argument(help: "The token's id, as token list shows it.") var id: String
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
      if id.isEmpty { throw ValidationError("<id> is empty") }
    }

    func run() async throws {
      try await connection.change(
        .revokeToken(id), as: TokenInfo.self, look: TokenCommand.look
      ) { ["\($0.role.rawValue) token \($0.id) of \($0.name) is revoked"] }
    }
  }
}

extension TokenInfo {
  /// How many ids it owns and may own: `3 of 64`.
  fileprivate var instancesInWords: String {
    guard let owned, let instances else { return "-" }
    return "\(owned) of \(instances)"
  }
}

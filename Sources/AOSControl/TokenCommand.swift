internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel

struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Access tokens for operators, monitors and instances on other machines.",
    discussion: "Tokens are made and revoked on a balancer's machine, through its Unix socket.",
    subcommands: [Create.self, List.self, Revoke.self])

  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "create", abstract: "Make a token; it is shown once and kept nowhere.")

    @Option(help: "viewer reads, operator changes too, instance joins and nothing else.")
    var role: TokenRole
    @Option(
      help: ArgumentHelp(
        "Who uses it: the name in the log of actions. Role and id, where none is given.",
        valueName: "name"))
    var name: String?
    @Option(
      help: ArgumentHelp(
        "Put it into a new file that only you can read, instead of on standard output.",
        valueName: "file"), completion: .file())
    var output: String?
    @OptionGroup var connection: ConnectionOptions

    func validate() throws {
      guard let name else { return }
      do throws(InvalidValue) {
        _ = try PlainText.checked(name, field: "--name", limit: AccessToken.longestName)
      } catch { throw ValidationError("\(error)") }
      if name.isEmpty { throw ValidationError("--name is empty") }
    }

    func run() async throws {
      // Before the token is made: one that cannot be written down would be lost.
      let file = try output.map { try SecretFile(making: $0) }
      do {
        try await connection.withBalancer { balancer in
          let answer = try await balancer.raw(
            .post, "/v1/tokens", body: .json(TokenRequest(role: role, name: name)))
          guard let file else {
            return try connection.show(answer, as: TokenInfo.self) { [$0.token ?? ""] }
          }
          var token: TokenInfo = try answer.decoded()
          try file.write((token.token ?? "") + "\n")
          token.token = nil
          if connection.json {
            Console.json(try RequestBody.json(token).bytes)
          } else {
            Console.line("\(token.role.rawValue) token \(token.id) for \(token.name)")
          }
        }
      } catch {
        file?.remove()
        throw error
      }
    }
  }

  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "Show the tokens, without their secrets.")

    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      try await connection.withBalancer { balancer in
        try connection.show(await balancer.raw(.get, "/v1/tokens"), as: TokenList.self) { list in
          var table = Table(columns: [
            .left("ID"), .left("NAME"), .left("ROLE"), .left("CREATED"), .left("BY"),
            .left("REVOKED"),
          ])
          for token in list.tokens {
            table.rows.append([
              token.id, token.name, token.role.rawValue, "\(token.createdAt)", token.createdBy,
              token.revokedAt.map { "\($0)" } ?? "-",
            ])
          }
          return table.lines
        }
      }
    }
  }

  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "revoke",
      abstract: "End a token for good, at every balancer within a second.")

    @Argument(help: "The token's id, as token list shows it.") var id: String
    @OptionGroup var connection: ConnectionOptions

    func run() async throws {
      try await connection.withBalancer { balancer in
        let answer = try await balancer.raw(.delete, "/v1/tokens/\(id.percentEncoded)")
        try connection.show(answer, as: TokenInfo.self) {
          ["\($0.role.rawValue) token \($0.id) of \($0.name) is revoked"]
        }
      }
    }
  }
}

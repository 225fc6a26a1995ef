internal import ArgumentParser
internal import ClusterAPI
internal import ClusterModel
internal import ClusterTrust
internal import Glibc
internal import ProgramSupport
internal import SmallFiles

/// `aosctl license key`: the licensor's key pair.
struct LicenseKeyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "Create the key pair that signs licenses.",
    discussion: """
      Writes the private key to FILE, which only you can read, and the public key to FILE.pub, \
      which aosd balancer --license-key reads. Does not overwrite existing files.
      """)

  @Argument(help: "The file for the private key.", completion: .file()) var file: String
  @Flag(help: "Print JSON.") var json = false

  func run() async throws {
    let key = ClusterKey()
    let publicFile = "\(file).pub"
    try TextFile.make(file, line: key.seed, mode: 0o600)
    do throws(ProgramFailure) {
      try TextFile.make(publicFile, line: key.publicKey.text, mode: 0o644)
    } catch {
      unlink(file)  // half a pair is not a pair
      throw error
    }
    if json {
      let answer = KeyPair(
        privateKeyFile: file, publicKeyFile: publicFile, publicKey: key.publicKey.text)
      try console.json(answer)
    } else {
      try console.lines([
        "private key: \(file); keep it where licenses are issued, and nowhere else",
        "public key: \(publicFile); start balancers with --license-key \(publicFile)",
      ])
    }
  }

  private struct KeyPair: Encodable {
    var privateKeyFile: String
    var publicKeyFile: String
    var publicKey: String
  }
}

/// `aosctl license issue`.
struct LicenseIssueCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "issue", abstract: "Sign a license; needs no balancer.")

  @Option(
    help: ArgumentHelp("The file with the private key.", valueName: "file"),
    completion: .file())
  var key: String
  @Option(help: ArgumentHelp("Who may use the license.", valueName: "name"))
  var holder: String
  @Option(help: ArgumentHelp("The cluster that the license is for.", valueName: "name"))
  var cluster: String
  @Option(help: ArgumentHelp("Number of servers, 0 to 1000000.", valueName: "n"))
  var seats: Int
  @Option(
    help: ArgumentHelp(
      "When the license expires, in UTC: 2027-12-31 or 2027-12-31T18:00:00Z.",
      valueName: "time"), transform: ExpiryArgument.time)
  var expires: Timestamp?
  @Option(help: ArgumentHelp("Number of days after which the license expires.", valueName: "n"))
  var days: Int?
  @Option(
    help: ArgumentHelp(
      "Write to this new file instead of standard output.",
      valueName: "file"), completion: .file())
  var out: String?
  @Flag(help: "Print a JSON object for PUT /v1/license.") var json = false

  func validate() throws {
    try checkName(holder, option: "--holder")
    try checkName(cluster, option: "--cluster")
    guard (expires == nil) != (days == nil) else {
      throw ValidationError("one of --expires and --days is needed")
    }
    guard (0...36_500).contains(days ?? 0) else {
      throw ValidationError("--days must be 0 to 36500")
    }
    guard (0...License.highestSeats).contains(seats) else {
      throw ValidationError("--seats must be 0 to \(License.highestSeats)")
    }
    guard !json || out == nil else { throw ValidationError("--json cannot be used with --out") }
  }

  func run() async throws {
    let now = Surroundings.now
    let expiresAt = expires ?? now.adding(milliseconds: Int64(days ?? 0) * 86_400_000)
    let terms = LicenseTerms(
      holder: holder, cluster: cluster, seats: seats, issuedAt: now, expiresAt: expiresAt)
    let signer = try signingKey()
    let document: String
    do throws(TrustFailure) {
      document = try await signer.sign(terms)
    } catch .invalid(let value) {
      throw ProgramFailure(.wrongInput, "\(value)")
    } catch {
      throw ProgramFailure(.wrongInput, "\(key): \(error.plainWords)")
    }
    if expiresAt <= now { console.error("note: this license has expired already") }
    if let out {
      try TextFile.make(out, line: document, mode: 0o644)
    } else if json {
      try console.json(CommandRequest(.license(document)))
    } else {
      try console.line(document)
    }
  }

  private func signingKey() throws -> ClusterKey {
    let seed: String
    do throws(InvalidValue) {
      seed = try SmallFile(
        key, as: .privateKey, field: "--key", atMost: TextFile.longest, takesInput: true
      ).word()
    } catch {
      throw ProgramFailure(.wrongInput, error.plainWords)
    }
    do throws(InvalidValue) { return try ClusterKey(seed: seed) } catch {
      throw ProgramFailure(.wrongInput, "\(key): not a private key: the \(error.plainWords)")
    }
  }
}

package import ArgumentParser
package import ClusterClient
internal import ClusterModel

/// The options for balancers on other machines: the access token and the trusted certificates.
package struct RemoteOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file with an access token that others cannot read (default: $AOS_TOKEN_FILE).",
      valueName: "file"), completion: .file())
  package var tokenFile: String?

  @Option(
    help: ArgumentHelp(
      "Trust certificates signed by the authorities in this file, instead of the system's "
        + "(default: $AOS_CA_FILE).", valueName: "file"), completion: .file())
  package var caFile: String?

  @Flag(help: "Send the token to other machines over http:// as well, where others can read it.")
  package var plaintextToken = false

  package init() {}

  /// Reads the files.
  ///
  /// - Throws: `ProgramFailure` naming the option, the variable, or the endpoint to which the token
  ///   would go in plain text.
  package func access(
    to endpoints: [Endpoint], environment: [String: String] = Surroundings.variables
  ) throws(ProgramFailure) -> RemoteAccess {
    do throws(InvalidValue) {
      let access = try RemoteAccess(
        tokenFile: tokenFile, caFile: caFile, allowsPlaintext: plaintextToken,
        environment: environment)
      try access.check(endpoints)
      return access
    } catch {
      throw ProgramFailure(.wrongInput, error.plainWords)
    }
  }

  /// The given endpoints, or the defaults.
  ///
  /// - Throws: `ProgramFailure` naming the faulty one, or the variable.
  package static func endpoints(
    named names: [String], environment: [String: String] = Surroundings.variables
  ) throws(ProgramFailure) -> [Endpoint] {
    do throws(InvalidValue) {
      return try Endpoint.choose(named: names, environment: environment)
    } catch {
      throw ProgramFailure(.wrongInput, error.plainWords)
    }
  }
}

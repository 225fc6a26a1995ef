internal import ArgumentParser
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

/// How the entries of a client's configuration are reached, which has no place to say so.
struct EntryOptions: ParsableArguments {
  @Flag(help: "The entries of the configuration speak TLS; servers of a list say it themselves.")
  var tls = false

  @Option(
    help: ArgumentHelp(
      "Trust certificates signed by the authorities in this file, not the system's.",
      valueName: "file"), completion: .file())
  var caFile: String?

  /// - Throws: `ProgramFailure` naming the option and the file.
  func transport() throws(ProgramFailure) -> HTTPTransport {
    do throws(InvalidValue) {
      guard let caFile else { return HTTPTransport() }
      return HTTPTransport(authorities: try CertificateAuthorities(file: caFile))
    } catch {
      throw ProgramFailure(.wrongInput, error.plainWords)
    }
  }
}

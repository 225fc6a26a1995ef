internal import ArgumentParser
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

/// How to reach the entries of a client's configuration, which cannot say so itself.
struct EntryOptions: ParsableArguments {
  @Flag(help: "Use TLS for the entries of the configuration; the list says which servers use it.")
  var tls = false

  @Option(
    help: ArgumentHelp(
      "Trust certificates signed by the authorities in this file, instead of the system's.",
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

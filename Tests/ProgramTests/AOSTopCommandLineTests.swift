import Foundation
import Testing

@Suite("The command line of aostop")
struct AOSTopCommandLineTests {
  private func run(
    _ arguments: String..., environment: [String: String] = [:]
  ) async throws -> Program.Result {
    try await Program.run(Program.path("aostop"), arguments, environment: environment)
  }

  @Test(
    "wrong usage ends with 1 and names the fault",
    arguments: [
      (["--nonsense"], "--nonsense"), (["--once", "--json"], "exclude each other"),
      (["--demo", "http://lb1"], "takes no endpoint"), (["--sort", "colour"], "'colour'"),
      (["ftp://lb1"], "scheme"), (["unix://relative"], "absolute path"),
      (["--json", "--filter", "x"], "--filter"),
      (["--once", "--filter", "foo:bar"], "Unknown field \"foo\""),
      (["--warn-load", "90", "--critical-load", "70"], "must not be above"),
      (["--once", "--token-file", "/no/such.token"], "/no/such.token"),
      (["--once", "--ca-file", "/no/such.crt"], "/no/such.crt"),
    ])
  func wrongUsage(arguments: [String], named: String) async throws {
    let result = try await Program.run(Program.path("aostop"), arguments, environment: [:])
    #expect(result.status == 1)
    #expect(result.output.isEmpty)
    #expect(result.error.contains(named))
  }

  @Test("a faulty $AOS_BALANCER is named")
  func faultyVariable() async throws {
    let result = try await run(environment: ["AOS_BALANCER": "nonsense"])
    #expect(result.status == 1)
    #expect(result.error.contains("AOS_BALANCER"))
  }

  @Test(
    "nobody there: 2, and every endpoint is named", arguments: ["--once", "--json", "--stream"])
  func unreachable(mode: String) async throws {
    let result = try await run(mode, "unix:///nobody/one", "unix:///nobody/two")
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.error.contains("unix:///nobody/one: no such socket"))
    #expect(result.error.contains("unix:///nobody/two: no such socket"))
  }

  @Test("where the output is not a terminal, text comes without being asked for")
  func textByItself() async throws {
    let result = try await run("unix:///nobody")
    #expect(result.status == 2)
    #expect(!result.error.contains("\u{1B}"))
  }

  @Test("help and version are answers, not faults", arguments: ["--help", "-h", "--version", "-V"])
  func help(option: String) async throws {
    let result = try await run(option)
    #expect(result.status == 0)
    #expect(result.output.contains("aostop"))
    #expect(result.error.isEmpty)
  }

  @Test("--sort help lists the columns")
  func columns() async throws {
    let result = try await run("--sort", "help")
    #expect(result.status == 0)
    #expect(result.output.split(separator: "\n").contains { $0.hasPrefix("load ") })
  }

  @Test("it stays lean: no server, no database, not all of Foundation")
  func lean() async throws {
    let libraries = try await Program.run("/usr/bin/env", ["ldd", Program.path("aostop")]).output
    #expect(libraries.contains("libncursesw"))
    for library in ["libFoundation.so", "libFoundationInternationalization", "sqlite", "libpq"] {
      #expect(!libraries.contains(library))
    }
  }
}

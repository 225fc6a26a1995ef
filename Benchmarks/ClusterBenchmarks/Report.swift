internal import Glibc
internal import RealPrograms

/// The table, and the document that holds it.
struct Report {
  var figures: [Figure] = []
  var growth: [GrowthTable] = []
  /// Looked at before anything runs: what else the machine was doing.
  private let loadAtStart = FileText.read("/proc/loadavg").split(separator: " ").first ?? "–"

  var table: String {
    ([Figure.head] + figures.map(\.row)).joined(separator: "\n")
  }

  /// All that was measured.
  var measured: String {
    growth.isEmpty ? table : "\(table)\n\n\(growthTables)"
  }

  /// Writes the document, and the plot of the growth tables beside it.
  func write(to file: String) throws {
    try FileText.write(document, to: file)
    guard !growth.isEmpty else { return }
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let plot = folder.map { $0 + "/" }.joined() + Self.plot
    try FileText.write(GrowthPlot(tables: growth).svg, to: plot)
  }

  private static let plot = "growth.svg"

  private var growthTables: String { growth.map(\.markdown).joined(separator: "\n\n") }

  private var growthSection: String {
    guard !growth.isEmpty else { return "" }
    return """
      ## How it grows

      Each row has an order of growth that it is meant to have. The last step is what the last
      column is of the one before it; it is held against what the order allows for ten times as
      many, and a half more, since the machine is shared.

      ![How costs grow](\(Self.plot))

      \(growthTables)


      """
  }

  private var document: String {
    """
    # Figures

    Measured with `make bench WRITE=1` on \(SteadyClock.today): \(machine), other work on it at the
    start: load \(loadAtStart). Each figure stands beside its peer in the same run, in turns; the
    ratio is what counts, since absolute times are those of one machine. Where there are several
    rounds: the median, and in brackets from where to where they went.

    \(table)

    \(growthSection)## What is measured

    - Every program is the release build, started as a process of its own. Instances of idle, rate
      and feed rows are load feeds on loopback sockets that the benchmark serves; in the rows of
      storms and sessions they are real `aosd instance` processes.
    - Processor time is the process's own clock, wake-ups are voluntary context switches of all its
      threads, memory is `VmRSS`.
    - Handshakes: wrk, one thread, 64 connections, for five rounds of two seconds. The stored
      answer is the same bytes from the same HTTP server (Hummingbird) without a thought.
    - Logon storm: each client shakes hands on a connection of its own and opens its session with
      the ticket; five storms for each number of balancers. Spread is the difference between the
      fullest and the emptiest instance in points of connected ÷ maximum, counted by the clients
      at every session that opens.
    - Traffic: one instance, HAProxy in TCP mode and nothing at all lead to the same application,
      which is a process of its own with one thread, as is the client; both do nothing but `poll`,
      `send` and `recv`. Five rounds in turns. Downloads and uploads carry 256 MiB on each of four
      connections; for pairs each of 64 connections sends 64 bytes and waits for them to come
      back. At the instance each connection is a session of its own. Memory is what the process
      takes for each connection beyond what it took without them, after each has carried a
      message; over TLS 50 connections share a session. For the handshake without any balancer
      one of four instances is stopped (SIGSTOP), and each client comes when the last round of
      questions is over.
    - How late a reader of the feed is: the age of the oldest change in what it hears.
    - Dashboards run in a pseudo-terminal of 120 columns and 40 rows. Key to screen is the time to
      the first byte that the key draws. HATop watches a HAProxy with as many servers, once a
      second.
    - Instructions are those of the balancer's own code, counted by callgrind (valgrind) between two
      moments; above its bound a figure makes the run fail.
    - The reference encoder writes, for every run of changed cells, one move of the cursor, the
      attributes where they differ, and the cells.

    One part alone: `make bench ONLY=handshake`; parts: \(parts).

    """
  }

  private var parts: String {
    ClusterBenchmarks.parts.map { "`\($0.name)`" }.joined(separator: ", ")
  }

  private var machine: String {
    let model =
      FileText.read("/proc/cpuinfo").split(separator: "\n")
      .first { $0.hasPrefix("model name") }?
      .split(separator: ":").last.map { $0.drop { $0 == " " } } ?? "unknown processor"
    return "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) shared cores (\(model))"
  }
}

internal import Glibc
internal import RealPrograms

/// The table, and the document that holds it.
struct Report {
  var figures: [Figure] = []
  var growth: [GrowthTable] = []
  /// Parts that could not be measured, each with the reason.
  var missing: [String] = []
  /// Looked at before anything runs: what else the machine was doing.
  private let loadAtStart = FileText.read("/proc/loadavg").split(separator: " ").first ?? "–"

  var table: String {
    ([Figure.head] + figures.map(\.row)).joined(separator: "\n")
  }

  /// All that was measured.
  var measured: String {
    ((figures.isEmpty ? [] : [table]) + growth.map(\.markdown)).joined(separator: "\n\n")
  }

  /// Writes the document, and the plot of the growth tables beside it.
  ///
  /// - Parameter isWhole: Otherwise only the section of growth is written again.
  func write(to file: String, isWhole: Bool) throws {
    let old = FileText.read(file)
    let section = GrowthSection(growth, keeping: old)
    try FileText.write(
      isWhole ? document(section.markdown) : section.replaced(in: old), to: file)
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    try FileText.write(section.svg, to: folder.map { $0 + "/" }.joined() + GrowthSection.plot)
  }

  private var missingWords: String {
    missing.isEmpty ? "" : " Not measured: \(missing.joined(separator: ", "))."
  }

  private func document(_ growthSection: String) -> String {
    """
    # Figures

    Measured with `make bench WRITE=1` on \(SteadyClock.today): \(machine), other work on it at the
    start: load \(loadAtStart). Each figure stands beside its peer in the same run, in turns; the
    ratio is what counts, since absolute times are those of one machine. Where there are several
    rounds, it is the median, with the lowest and the highest in brackets.\(missingWords)

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
    (ClusterBenchmarks.parts.map(\.name) + ClusterBenchmarks.groups.keys)
      .map { "`\($0)`" }.joined(separator: ", ")
  }

  private var machine: String {
    let model =
      FileText.read("/proc/cpuinfo").split(separator: "\n")
      .first { $0.hasPrefix("model name") }?
      .split(separator: ":").last.map { $0.drop { $0 == " " } } ?? "unknown processor"
    return "\(sysconf(Int32(_SC_NPROCESSORS_ONLN))) shared cores (\(model))"
  }
}

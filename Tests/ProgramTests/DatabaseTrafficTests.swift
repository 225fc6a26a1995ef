import ClusterModel
import Foundation
import Testing

@testable import Registry

/// PostgreSQL's own programs through a forwarded port, to a real server.
@Suite("PostgreSQL behind the cluster", .timeLimit(.minutes(4)))
struct DatabaseTrafficTests {
  /// A cluster in front of a database of its own.
  ///
  /// - Parameter test: Given the options with which psql and pgbench reach the database through
  ///   an address.
  private static func run(
    _ sizes: KeyValuePairs<String, Int> = ["AOS01": 5], tls: Bool = false,
    _ test: (GuideMachine, (Address) -> String) async throws -> Void
  ) async throws {
    let server = try PostgresServer.shared.get()
    let database = try server.makeDatabase().database
    try await GuideMachine.run(sizes, to: "127.0.0.1:\(server.port)", tls: tls) { machine in
      try await machine.require("psql", package: "postgresql")
      try await machine.require("pgbench", package: "postgresql")
      try await test(machine) { address in
        "-h \(address.host) -p \(address.port) -U aos \(database)"
      }
    }
  }

  @Test("psql works, with much data in both directions", arguments: [false, true])
  func psql(tls: Bool) async throws {
    try await Self.run(tls: tls) { machine, place in
      let options = place(try await machine.forward())
      let output = try await machine.expect(
        """
        seq 1 200000 >numbers
        psql -qAt -v ON_ERROR_STOP=1 \(options) -c 'CREATE TABLE numbers (number int)' \
          -c '\\copy numbers FROM numbers' -c 'SELECT sum(number) FROM numbers' \
          -c '\\copy (SELECT number FROM numbers ORDER BY number) TO back'
        cmp numbers back
        """)
      #expect(output == "20000100000\n")
    }
  }

  @Test(
    "pgbench works, with connections that stay and with one for each transaction",
    arguments: [false, true])
  func pgbench(tls: Bool) async throws {
    try await Self.run(tls: tls) { machine, place in
      let options = place(try await machine.forward())
      try await machine.expect(
        """
        pgbench -q -i -s 1 \(options) 2>init.log
        pgbench -n -c 8 -j 2 -t 25 \(options) >stay.log 2>&1
        pgbench -n -C -c 8 -j 2 -t 10 \(options) >each.log 2>&1
        """)
      #expect(try machine.text("stay.log").contains("processed: 200/200"))
      #expect(try machine.text("each.log").contains("processed: 80/80"))
      #expect(try machine.text("forward.err") == "")
    }
  }

  @Test("a rolling drain of four servers fails no transaction of clients that connect again")
  func rollingDrain() async throws {
    let names: KeyValuePairs = ["AOS01": 5, "AOS02": 5, "AOS03": 5, "AOS04": 5]
    try await Self.run(names) { machine, place in
      let options = place(try await machine.forward("--rejoin"))
      try await machine.expect(
        """
        psql -q \(options) -c 'CREATE TABLE log (number int)'
        echo 'INSERT INTO log VALUES (1);' >insert.sql
        (runs=0
        while [ ! -e stop ]; do
          pgbench -n -C -c 4 -j 2 -t 20 -f insert.sql \(options) >pgbench.log 2>&1 || {
            cat pgbench.log >>failed; }
          runs=$((runs + 1)); echo $runs >runs
        done; echo over >ended) >/dev/null 2>&1 &
        """)
      try await machine.until("cat runs", holds: "[1-9]")
      for name in names.map(\.key) {
        try await machine.expect(
          """
          aosctl drain \(name) --deadline 1h --wait >>drain.log
          before=$(cat runs)
          until [ "$(cat runs)" -gt $((before + 1)) ]; do sleep 0.02; done
          aosctl enable \(name) >>drain.log
          """)
      }
      try await machine.expect("touch stop; until [ -e ended ]; do sleep 0.02; done")
      let failed = try? machine.text("failed")
      #expect(failed == nil, "\(failed ?? "")")
      let runs = try #require(
        Int(try machine.text("runs").trimmingCharacters(in: .whitespacesAndNewlines)))
      let count = try await machine.expect("psql -qAt \(options) -c 'SELECT count(*) FROM log'")
      #expect(count == "\(runs * 80)\n")
      // It has been at more servers than one, or nothing was drained under it.
      let output = try machine.text("forward.out")
      let sessions = output.split(separator: " is open at ").count - 1
      #expect(sessions > 1, "\(output)")
    }
  }

  @Test("a deadline ends exactly the transactions still on the server, 60 s after its notice")
  func deadline() async throws {
    try await Self.run(["AOS01": 5, "AOS02": 5]) { machine, place in
      let options = place(try await machine.forward("--rejoin"))
      // One transaction outlasts the minute and one does not; those that come later go elsewhere.
      let run = try await machine.run(
        """
        server=$(sed -n 's/.* is open at //p' forward.out)
        psql -q \(options) -c 'CREATE TABLE log (name text)'
        echo "INSERT INTO log VALUES ('elsewhere');" >insert.sql
        (code=0
        psql -q \(options) -c "INSERT INTO log SELECT 'cut' FROM pg_sleep(3600)" || code=$?
        echo $code >cut.status; date +%s%3N >cut.at) >cut.log 2>&1 &
        (code=0
        psql -q \(options) -c "INSERT INTO log SELECT 'done' FROM pg_sleep(30)" || code=$?
        echo $code >done.status) >done.log 2>&1 &
        until [ "$(aosctl sessions $server --json | jq '.sessions[0].connections')" = 2 ]; do
          sleep 0.02
        done
        date +%s%3N >drain.at
        aosctl drain $server --deadline 1m >drain.log
        runs=0
        until [ -e cut.at ]; do
          pgbench -n -C -c 4 -j 2 -t 20 -f insert.sql \(options) >pgbench.log 2>&1 || {
            cat pgbench.log; exit 9; }
          runs=$((runs + 1))
        done
        echo "$(cat cut.status) $(cat done.status) $(($(cat cut.at) - $(cat drain.at)))"
        echo $((runs * 80))
        psql -qAt \(options) -c "SELECT name, count(*) FROM log GROUP BY name ORDER BY name"
        """)
      #expect(run.status == 0, "\(run.output)\(run.error)")
      let lines = run.output.split(separator: "\n").map(String.init)
      try #require(lines.count == 4, "\(run.output)\(run.error)")
      let numbers = lines[0].split(separator: " ").compactMap { Int($0) }
      try #require(numbers.count == 3, "\(lines[0])")
      #expect(numbers[0] != 0 && numbers[1] == 0, "\(lines[0])")
      #expect(numbers[2] >= 60_000, "\(lines[0])")
      #expect(lines[2...] == ["done|1", "elsewhere|\(lines[1])"])
    }
  }

  @Test("a transaction ends with its session, and the next one finds another server")
  func ended() async throws {
    try await Self.run(["AOS01": 5, "AOS02": 5]) { machine, place in
      let options = place(try await machine.forward("--rejoin"))
      let run = try await machine.run(
        """
        server=$(sed -n 's/.* is open at //p' forward.out)
        (until aosctl sessions $server --json | grep -q 'connections.:1'; do sleep 0.02; done
        aosctl end $server $(aosctl sessions $server --json | jq -r '.sessions[0].session')) \
          >end.log 2>&1 &
        psql -q \(options) -c 'SELECT pg_sleep(3600)' && exit 9
        psql -qAt \(options) -c 'SELECT 42'
        """)
      #expect(run.status == 0, "\(run.error)")
      #expect(run.output.hasSuffix("42\n"))
    }
  }
}

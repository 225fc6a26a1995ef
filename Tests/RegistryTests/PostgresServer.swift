import Foundation
import Synchronization
import Testing

@testable import Registry

/// A PostgreSQL server for tests alone: in a folder of its own, which goes with it. (The tests of
/// whole clusters and of the programs have links to this file.)
///
/// A shell script holds it and takes orders from a pipe. When the pipe ends, because this process
/// ended in whatever way, the script stops the server and removes the folder.
final class PostgresServer: Sendable {
  struct Failure: Error {
    var words: String
  }

  /// One for the whole run, which many tests use at once.
  static let shared = Result { try PostgresServer(addresses: "127.0.0.1") }

  /// Where its socket is.
  let folder: String
  let port: Int
  private let addresses: String
  private let keeper: Mutex<Keeper>
  private let databases = Mutex(0)

  /// - Parameter addresses: Where it listens beside its socket in the folder; empty: nowhere.
  init(addresses: String = "") throws {
    self.addresses = addresses
    let keeper = try Keeper()
    folder = try keeper.line()
    guard folder.hasPrefix("/") else { throw Failure(words: "initdb failed: \(folder)") }
    var port = 0
    for _ in 0..<5 {
      // Another program may take the port before the server does.
      port = try Self.freePort()
      if try keeper.order("start \(port) \(addresses)") == "started" { break }
      port = 0
    }
    guard port != 0 else { throw Failure(words: "the server does not start") }
    self.port = port
    self.keeper = Mutex(keeper)
  }

  func start() throws {
    let answer = try keeper.withLock { try $0.order("start \(port) \(addresses)") }
    guard answer == "started" else { throw Failure(words: "the server does not start") }
  }

  func stop() throws {
    _ = try keeper.withLock { try $0.order("stop") }
  }

  /// Gives it a certificate that signed itself, and has it offer TLS from the next start on.
  ///
  /// - Parameter name: What the certificate is for: `IP:127.0.0.1`, `DNS:db.example`.
  /// - Returns: The certificate's file.
  func certify(_ name: String) throws -> String {
    let answer = try keeper.withLock { try $0.order("certify \(name)") }
    guard answer == "certified" else { throw Failure(words: "openssl makes no certificate") }
    return "\(folder)/data/server.crt"
  }

  /// Starts a pool of connections (PgBouncer) in front of it, which goes with the folder.
  ///
  /// - Parameter mode: `transaction` or `session`.
  /// - Returns: The port of the pool's socket in the folder.
  func pool(mode: String) throws -> Int {
    for _ in 0..<5 {
      let port = try Self.freePort()
      let answer = try keeper.withLock { try $0.order("pool \(port) \(mode) \(self.port)") }
      if answer == "pooled" { return port }
    }
    throw Failure(words: "PgBouncer does not start; `make test-packages` installs it")
  }

  /// Makes an empty database.
  func makeDatabase() throws -> PostgresAddress {
    let number = databases.withLock { number in
      number += 1
      return number
    }
    try connect().script("CREATE DATABASE test\(number)")
    return address("test\(number)")
  }

  func address(_ database: String) -> PostgresAddress {
    PostgresAddress(
      user: "aos", servers: [.init(host: folder, port: port)], database: database)
  }

  /// A connection for what no registry does.
  func connect(_ address: PostgresAddress? = nil) throws -> PostgresConnection {
    try PostgresConnection(address ?? self.address("postgres"), options: .quick)
  }

  private static func freePort() throws -> Int {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(descriptor) }
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { name in
        bind(descriptor, name, length) == 0 ? getsockname(descriptor, name, &length) : -1
      }
    }
    guard result == 0 else { throw Failure(words: "no port is free") }
    return Int(UInt16(bigEndian: name.sin_port))
  }
}

extension PostgresOptions {
  /// Comes back quickly; waits for locks as long as it takes.
  static var quick: PostgresOptions {
    var options = PostgresOptions()
    options.firstRetryMilliseconds = 5
    options.longestRetryMilliseconds = 20
    options.connectSeconds = 60
    options.lockMilliseconds = 60_000
    options.statementMilliseconds = 60_000
    return options
  }
}

/// The script, and the two pipes to it.
private struct Keeper: Sendable {
  private let orders = Pipe()
  private let answers = Pipe()

  /// Makes the folder and the server in it, but does not start it: the first line is the folder.
  init() throws {
    let manager = FileManager.default
    let versions = try? manager.contentsOfDirectory(atPath: "/usr/lib/postgresql")
    let newest = versions?.compactMap { Int($0) }.max()
    let programs = "/usr/lib/postgresql/\(newest ?? 0)/bin"
    guard manager.isExecutableFile(atPath: "\(programs)/initdb") else {
      throw PostgresServer.Failure(
        words: "PostgreSQL is not installed; `make test-packages` installs it")
    }
    // initdb refuses root.
    let asOther = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = (geteuid() == 0 ? asOther : []) + ["sh", "-c", Self.script, "sh", programs]
    process.currentDirectoryURL = URL(filePath: "/")
    process.standardInput = orders
    process.standardOutput = answers
    // No other child may hold the pipe open.
    _ = fcntl(orders.fileHandleForWriting.fileDescriptor, F_SETFD, FD_CLOEXEC)
    try process.run()
    Self.all.withLock { $0.append((orders, process)) }
  }

  /// Those to be ended before this process is over, so that nothing outlives it.
  private static let all: Mutex<[(orders: Pipe, process: Process)]> = {
    atexit {
      let all = Keeper.all.withLock { $0 }
      for keeper in all { try? keeper.orders.fileHandleForWriting.close() }
      for keeper in all { keeper.process.waitUntilExit() }
    }
    return Mutex([])
  }()

  func order(_ words: String) throws -> String {
    try orders.fileHandleForWriting.write(contentsOf: Data("\(words)\n".utf8))
    return try line()
  }

  func line() throws -> String {
    var bytes: [UInt8] = []
    while let byte = try answers.fileHandleForReading.read(upToCount: 1)?.first, byte != 10 {
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// No commit waits for a second server here, but in a database that asks for it; there it waits
  /// forever.
  private static let script = """
    programs=$1
    folder=$(mktemp -d "${TMPDIR:-/tmp}/aos-pg-XXXXXX") || exit 1
    control() { "$programs/pg_ctl" -D "$folder/data" -s -w "$@" </dev/null >>"$folder/log" 2>&1; }
    trap '' INT TERM HUP
    if "$programs/initdb" -D "$folder/data" -U aos -A trust -E UTF8 --no-locale --no-sync \
      </dev/null >"$folder/log" 2>&1
    then echo "$folder"; else tail -n 1 "$folder/log"; fi
    while read -r order port addresses; do
      case $order in
        start)
          if control -l "$folder/log" -o "-p $port -k $folder -c listen_addresses=$addresses \
            -c fsync=off -c full_page_writes=off -c max_connections=300 -c shared_buffers=16MB \
            -c synchronous_standby_names=nobody -c synchronous_commit=local" start
          then echo started; else echo failed; fi ;;
        certify)
          if openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
            -subj /CN=server -addext "subjectAltName=$port" -keyout "$folder/data/server.key" \
            -out "$folder/data/server.crt" </dev/null >>"$folder/log" 2>&1 \
            && echo "ssl = on" >>"$folder/data/postgresql.conf"
          then echo certified; else echo failed; fi ;;
        pool)
          set -- $addresses
          printf '%s\\n' '[databases]' "* = host=$folder port=$2" '[pgbouncer]' \
            "listen_port = $port" "unix_socket_dir = $folder" 'auth_type = trust' \
            "auth_file = $folder/pool.users" "pool_mode = $1" "logfile = $folder/pool.log" \
            'max_client_conn = 100' 'default_pool_size = 5' >"$folder/pool.$port"
          echo '"aos" ""' >"$folder/pool.users"
          PATH=$PATH:/usr/sbin pgbouncer -q "$folder/pool.$port" </dev/null >>"$folder/log" 2>&1 &
          pools="$pools $!"
          while kill -0 $! 2>/dev/null && ! [ -S "$folder/.s.PGSQL.$port" ]; do sleep 0.02; done
          if [ -S "$folder/.s.PGSQL.$port" ]; then echo pooled; else echo failed; fi ;;
        stop) control -m fast stop; echo stopped ;;
      esac
    done
    for pool in $pools; do kill "$pool" 2>/dev/null; done
    control -m immediate stop
    rm -rf "$folder"
    """
}

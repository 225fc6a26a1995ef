import Foundation
import Testing

/// A machine as the guides have it: LB1 and server instances with the units of systemd, their
/// settings in a folder that goes with the test. `systemctl` is a script that starts and stops the
/// daemons as their units do, so that the commands of a guide run as they are there.
final class GuideMachine: Sendable {
  let folder = "/tmp/aosg-\(UUID().uuidString.prefix(13))"
  let servers: [String]

  var socket: String { "\(folder)/balancer.sock" }
  private var programs: String {
    URL(filePath: Program.path("aosd")).deletingLastPathComponent().path
  }

  /// What the units of this project and the journal do, in a shell.
  private static let systemctl = """
    #!/bin/sh
    verb=$1; shift
    stop() {
      [ -e "$1.pid" ] || return 0
      process=$(cat "$1.pid"); rm "$1.pid"
      kill "$process"
      while [ -e "/proc/$process/exe" ]; do sleep 0.02; done
    }
    start() {
      [ ! -e "$2.pid" ] || return 0
      : >"$2.ready"
      aosd "$1" --name "$2" --config "$2.json" >"$2.ready" 2>>"$2.log" </dev/null &
      process=$!; echo $process >"$2.pid"
      until grep -q "^ready $2 " "$2.ready"; do
        [ -e "/proc/$process/exe" ] || { cat "$2.log" >&2; exit 1; }
        sleep 0.02
      done
    }
    cd "$MACHINE" || exit 1
    for unit in "$@"; do
      name=${unit#*@}; kind=${unit%@*}; kind=${kind#aosd-}
      case $verb in
        stop) stop "$name" ;;
        start) start "$kind" "$name" ;;
        restart) stop "$name"; start "$kind" "$name" ;;
        status) echo "$unit" ;;
        *) echo "systemctl $verb is not known here" >&2; exit 1 ;;
      esac
    done
    """

  /// Everything that works in the machine's folder, but for the shell that runs this.
  private static let killAll = """
    for process in /proc/[0-9]*; do
      [ "$(readlink "$process/cwd")" = "$MACHINE" ] || continue
      [ "${process#/proc/}" = $$ ] || kill -9 "${process#/proc/}" || true
    done
    """

  /// Settings beyond the usual ones, as the fields of a JSON object.
  struct Settings {
    var balancer = ""
    var servers = ""
  }

  /// - Parameters:
  ///   - sizes: Every server instance with its most sessions.
  ///   - settings: Asked before the daemons start; the folder is there.
  static func run(
    _ sizes: KeyValuePairs<String, Int> = ["AOS01": 5, "AOS02": 5],
    settings: (GuideMachine) async throws -> Settings = { _ in Settings() },
    _ test: (GuideMachine) async throws -> Void
  ) async throws {
    let machine = GuideMachine(servers: sizes.map(\.key))
    let result: Result<Void, any Error>
    do {
      try FileManager.default.createDirectory(
        atPath: "\(machine.folder)/bin", withIntermediateDirectories: true)
      try machine.furnish(sizes, await settings(machine))
      for unit in ["aosd-balancer@LB1"] + machine.servers.map({ "aosd-instance@\($0)" }) {
        try await machine.expect("systemctl start \(unit)")
      }
      for server in machine.servers { try await machine.until("aosctl handshake", holds: server) }
      try await test(machine)
      result = .success(())
    } catch {
      result = .failure(error)
    }
    _ = try? await machine.run(Self.killAll)
    try? FileManager.default.removeItem(atPath: machine.folder)
    try result.get()
  }

  private init(servers: [String]) { self.servers = servers }

  private func furnish(_ sizes: KeyValuePairs<String, Int>, _ more: Settings) throws {
    try write("bin/systemctl", Self.systemctl)
    try write("bin/journalctl", "#!/bin/sh\nexit 0\n")
    try write("bin/sudo", "#!/bin/sh\nexec \"$@\"\n")
    for shim in ["systemctl", "journalctl", "sudo"] {
      try FileManager.default.setAttributes(
        [.posixPermissions: 0o755], ofItemAtPath: "\(folder)/bin/\(shim)")
    }
    try write(
      "LB1.json",
      """
      {"listen": "127.0.0.1:0", "socket": "\(socket)", "database": "sqlite:\(folder)/cluster.db"
       \(more.balancer)}
      """)
    for (server, size) in sizes {
      try write(
        "\(server).json",
        """
        {"listen": "127.0.0.1:0", "max-clients": \(size), "join": ["unix://\(socket)"],
         "state-directory": "\(folder)/\(server)"\(more.servers)}
        """)
    }
  }

  private func write(_ name: String, _ text: String) throws {
    try Data(text.utf8).write(to: URL(filePath: "\(folder)/\(name)"))
  }

  /// Runs commands in a shell that stops at the first one that fails.
  func run(_ commands: String) async throws -> Program.Result {
    try await Program.run(
      "/usr/bin/env", ["-C", folder, "/bin/sh", "-ec", commands],
      environment: [
        "PATH": "\(folder)/bin:\(programs):/usr/local/bin:/usr/bin:/bin", "HOME": folder,
        "AOS_BALANCER": "unix://\(socket)", "MACHINE": folder, "TERM": "xterm", "USER": "ana",
      ])
  }

  /// The same, for commands that must not fail.
  @discardableResult
  func expect(
    _ commands: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws -> String {
    let result = try await run(commands)
    #expect(
      result.status == 0, "\(commands): \(result.error)", sourceLocation: sourceLocation)
    return result.output
  }

  /// Waits until the output of a command holds some words, and throws with the last output where
  /// it never does.
  func until(
    _ command: String, holds words: String, sourceLocation: SourceLocation = #_sourceLocation
  ) async throws {
    let result = try await run(
      """
      tries=0
      until { seen=$(\(command) 2>&1) || true; echo "$seen" | grep -q '\(words)'; }; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || { echo "$seen" >&2; exit 1; }
        sleep 0.05
      done
      """)
    try #require(
      result.status == 0, "\(command) never held \(words): \(result.error)",
      sourceLocation: sourceLocation)
  }

  /// Where a daemon listens.
  func address(of name: String) throws -> String {
    let line = try String(contentsOfFile: "\(folder)/\(name).ready", encoding: .utf8)
    let url = try #require(line.split(whereSeparator: \.isWhitespace).last)
    return try #require(url.split(separator: "/").last.map(String.init))
  }
}

/// A page of the documentation, as its reader follows it.
struct GuidePage {
  let lines: [String]

  private static func file(_ path: String) -> URL {
    URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../\(path)")
      .standardized
  }

  /// The files in a folder of the project.
  static func names(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: file(folder).path).sorted()) ?? []
  }

  /// - Parameter path: From the root of the project.
  init(_ path: String) throws {
    let file = Self.file(path)
    lines = try String(contentsOf: file, encoding: .utf8).components(separatedBy: "\n")
  }

  /// The titles of its chapters.
  var chapters: [String] {
    lines.filter { $0.hasPrefix("## ") }.map { String($0.dropFirst(3)) }
  }

  /// The blocks of commands in a chapter: lines that are set in by four blanks or more.
  func blocks(in chapter: String) throws -> [String] {
    let start = try #require(lines.firstIndex(of: "## \(chapter)"), "no chapter \(chapter)")
    let end = lines[(start + 1)...].firstIndex { $0.hasPrefix("## ") } ?? lines.count
    return lines[start..<end].split { !$0.hasPrefix("    ") }
      .map { $0.map { $0.trimmingCharacters(in: .whitespaces) }.joined(separator: "\n") }
  }
}

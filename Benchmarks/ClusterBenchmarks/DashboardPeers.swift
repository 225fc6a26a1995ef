internal import RealPrograms

/// aostop on a cluster, and the programs that stand beside it, each in a terminal of its own.
struct DashboardPeers {
  /// A program that can be started again and again.
  struct Side {
    let name: String
    let path: String?
    let arguments: [String]
    /// Stands on the screen as soon as there is something to see.
    let mark: String

    /// Starts it and waits for its data.
    ///
    /// - Returns: Nil where it is not installed.
    /// - Throws: `ProgramFailure` when it shows nothing.
    func start(in folder: ScratchFolder) throws -> TerminalProgram? {
      guard let path else { return nil }
      let program = try TerminalProgram(path, arguments, in: folder)
      guard program.wait(until: { $0.text.contains(mark) }) != nil else {
        throw ProgramFailure("\(name) does not show \(mark):\n\(program.screen.text)")
      }
      return program
    }
  }

  let aostop: Side
  let hatop: Side
  let htop = Side(name: "htop", path: Peers.path(of: "htop"), arguments: [], mark: "PID")
  let btop = Side(name: "btop", path: Peers.path(of: "btop"), arguments: ["-p", "0"], mark: "cpu")
  private let haproxy: HAProxy?

  /// HATop watches a HAProxy with as many servers as the cluster has instances.
  init(_ programs: Programs, _ cluster: TestCluster, instances: Int) throws {
    aostop = Side(
      name: "aostop", path: programs.aostop, arguments: [cluster.endpoint()], mark: "AOS0001")
    haproxy = try HAProxy(servers: instances, in: cluster.folder)
    hatop = Side(
      name: "HATop", path: haproxy == nil ? nil : Peers.path(of: "hatop"),
      arguments: ["-s", haproxy?.statsSocket ?? "", "-i", "1"], mark: "AOS1")
  }
}

extension DashboardPeers {
  /// How a figure of ours stands to those of the peers that are installed.
  static func beside(_ peers: [(name: String, text: String?)]) -> String {
    peers.map { "\($0.name) \($0.text ?? "is not installed")" }.joined(separator: "; ")
  }
}

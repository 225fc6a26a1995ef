internal import ArgumentParser
internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import ProgramSupport

/// The command line of aostop.
struct TopOptions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aostop",
    abstract: """
      Watch a cluster of application object servers, and take instances out of and back into \
      service.
      """,
    discussion: """
      Without an endpoint it uses $AOS_BALANCER, or else the socket of a balancer on this machine. \
      When its output is not a terminal, it prints one picture as text.

      You can also set options in the environment \
      (\(TopSettings.variables.joined(separator: ", "))) or in a JSON file ({"read-only": true}), \
      which --config or \(TopSettings.fileVariable) names. Separate the values of a list with \
      commas; a flag is true or false. The command line overrides the environment, and the \
      environment overrides the file. --print-config shows every key.

      Exit codes: 0 done, 1 wrong usage or input, or output that cannot be written, 2 could not \
      reach, 3 refused. When the reader of a pipe leaves, SIGPIPE ends the program.
      """)

  @Argument(
    help: """
      Where a balancer listens: unix:///PATH, http://HOST:PORT, https://HOST:PORT. If you \
      name several, aostop goes on to the next when one does not answer.
      """)
  var endpoints: [String] = []

  @Flag(help: "Start a demo cluster, watch it, and stop it on exit.")
  var demo = false

  @Flag(help: "Print one picture as text.")
  var once = false

  @Flag(help: "Print one snapshot as JSON.")
  var json = false

  @Flag(help: "Print a snapshot and then every change, one JSON object per line.")
  var stream = false

  @Option(
    name: [.customShort("w"), .long],
    help: ArgumentHelp(
      """
      Record to this file, as JSON lines; an existing recording is continued. Without a terminal, \
      only record until interrupted.
      """, valueName: "file"), completion: .file())
  var record: String?

  @Option(
    name: [.customShort("r"), .long],
    help: ArgumentHelp(
      "Show a recording instead of a cluster; the keys [ ] b 0 z move in it.", valueName: "file"),
    completion: .file())
  var replay: String?

  @Flag(name: .customLong("read-only"), help: "Refuse every key that changes the cluster.")
  var readOnly = false

  @OptionGroup var remote: RemoteOptions

  @Option(
    name: [.customShort("F"), .long],
    help: ArgumentHelp(
      """
      Show only the instances that contain every word of this text; !TEXT shows all others. -WORD \
      excludes a word; state:draining and load>80 test a field. The help screen lists the fields.
      """, valueName: "text"))
  var filter = ""

  @Option(
    name: [.customShort("s"), .long],
    help: ArgumentHelp("Sort by this column; 'help' lists the columns.", valueName: "column"),
    completion: .list(SortOrder.names + ["help"]))
  var sort: String?

  @Option(
    name: .customLong("warn-load"),
    help: ArgumentHelp(
      "Load (percent) that counts as busy (default: 80).", valueName: "percent"))
  var warnLoad: Int?

  @Option(
    name: .customLong("critical-load"),
    help: ArgumentHelp(
      "Load (percent) that counts as a problem (default: 90).", valueName: "percent"))
  var criticalLoad: Int?

  @Flag(help: "Ring the terminal's bell for every new alert.")
  var bell = false

  @Flag(
    name: [.customShort("C"), .customLong("no-color"), .customLong("no-colour")],
    help: "Use bold and reverse instead of colours; NO_COLOR does the same.")
  var noColor = false

  @Flag(
    name: [.customShort("U"), .customLong("ascii")],
    help: "Draw with ASCII only. Without it the locale decides.")
  var ascii = false

  @Flag(
    help: """
      Use the mouse: click to select a row, to sort by a column or to press a key; the wheel \
      scrolls. Without it you can select text as usual.
      """)
  var mouse = false

  @Option(
    name: [.customShort("c"), .long],
    help: ArgumentHelp(
      """
      Read settings from this file instead of ~/.config/aostop/config.json. The command line and \
      the environment override it.
      """, valueName: "file"), completion: .file())
  var config: String?

  @Flag(
    name: .customLong("print-config"),
    help: "Print the effective settings as a configuration file and exit.")
  var printConfig = false

  @Flag(name: [.customShort("V"), .customLong("version")], help: "Print the version.")
  var version = false

  /// What aostop does.
  enum Mode: Equatable {
    case screen, text, json, stream, record
    case version, columns, settings
  }

  func validate() throws {
    let outputs = [once, json, stream].filter { $0 }.count
    guard outputs <= 1 else {
      throw ValidationError("--once, --json and --stream exclude each other.")
    }
    guard !demo || endpoints.isEmpty else {
      throw ValidationError("--demo starts its own cluster and takes no endpoint.")
    }
    guard replay == nil || (endpoints.isEmpty && !demo && record == nil && !stream) else {
      throw ValidationError(
        "--replay needs no cluster: leave out endpoints, --demo, --record and --stream.")
    }
    guard record == nil || !(once || json) else {
      throw ValidationError("--record cannot be used with --once or --json, which end at once.")
    }
    guard !(json || stream) || (filter.isEmpty && sort == nil) else {
      throw ValidationError("--filter and --sort cannot be used with --json or --stream.")
    }
    if let complaint = Filter(text: filter).complaint {
      throw ValidationError("--filter: \(complaint)")
    }
    guard sort == nil || wantsColumns || SortOrder(named: sort ?? "") != nil else {
      throw ValidationError(
        "--sort has no column '\(sort ?? "")'; there are "
          + SortOrder.names.joined(separator: ", ") + ".")
    }
    for (name, percent) in [("warn-load", warnLoad), ("critical-load", criticalLoad)] {
      guard percent.map({ (1...1_000).contains($0) }) ?? true else {
        throw ValidationError("--\(name) takes 1 to 1000 percent.")
      }
    }
    guard warnLoad ?? 0 <= criticalLoad ?? .max else {
      throw ValidationError("--warn-load must not be above --critical-load.")
    }
    do throws(Failure) { _ = try chosenEndpoints(environment: [:]) } catch {
      throw ValidationError(error.plainWords)
    }
  }

  var thresholds: LoadThresholds {
    LoadThresholds(warnPercent: warnLoad, criticalPercent: criticalLoad)
  }

  private var wantsColumns: Bool { sort == "help" }

  /// - Parameter isTerminal: Whether the output is a terminal.
  func mode(isTerminal: Bool) -> Mode {
    if version { return .version }
    if wantsColumns { return .columns }
    if printConfig { return .settings }
    if json { return .json }
    if stream { return .stream }
    if record != nil, !isTerminal { return .record }
    return once || !isTerminal ? .text : .screen
  }

  /// The given endpoints, or the defaults.
  ///
  /// - Throws: `Failure` naming the faulty one, or the variable.
  func chosenEndpoints(
    environment: [String: String] = Surroundings.variables
  ) throws(Failure) -> [Endpoint] {
    try RemoteOptions.endpoints(named: endpoints, environment: environment)
  }

  /// The token and the trusted certificates for balancers on other machines.
  ///
  /// - Throws: `Failure` naming the option, the variable or the endpoint.
  func remoteAccess(to endpoints: [Endpoint]) throws(Failure) -> RemoteAccess {
    var remote = remote
    // An empty path cancels the one in the file of settings.
    if remote.tokenFile?.isEmpty == true { remote.tokenFile = nil }
    if remote.caFile?.isEmpty == true { remote.caFile = nil }
    return try remote.access(to: endpoints)
  }

  /// The options for the dashboard.
  func dashboardOptions(isASCII: Bool, isColorless: Bool, names: [String]) -> DashboardOptions {
    DashboardOptions(
      isReadOnly: readOnly, filter: filter,
      sort: sort.flatMap(SortOrder.init(named:)) ?? .byID, thresholds: thresholds, rings: bell,
      isASCII: isASCII,
      isColorless: isColorless, usesMouse: mouse, endpoints: names, record: record,
      replay: replay, version: ProgramVersion.current)
  }
}

internal import ArgumentParser
internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import ProgramSupport

/// The command line of aostop.
struct TopOptions: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "aostop",
    abstract: "Watch a cluster of application object servers, and take instances out and in.",
    discussion: """
      Without an endpoint it talks to $AOS_BALANCER, else to the socket of a balancer on this \
      machine. Where the output is no terminal it prints one picture as text.

      Settings may stand in the environment (\(TopSettings.variables.joined(separator: ", "))) \
      or in a JSON file ({"read-only": true}), which \(TopSettings.fileVariable) names. Of a \
      list the values are separated by commas; a flag is true or false. The command line goes \
      before the environment, and the environment before the file. --print-config shows every \
      key.

      Exit codes: 0 done, 1 wrong usage or input, or output that cannot be written, 2 could not \
      reach, 3 refused. When the reader of a pipe leaves, SIGPIPE ends the program.
      """)

  @Argument(
    help: """
      Where a balancer listens: unix:///PATH, http://HOST:PORT, https://HOST:PORT. Several are a \
      list to fall back on.
      """)
  var endpoints: [String] = []

  @Flag(help: "Run a cluster of its own, watch it, and end it on leaving.")
  var demo = false

  @Flag(help: "Print one picture as text.")
  var once = false

  @Flag(help: "Print one snapshot as JSON.")
  var json = false

  @Flag(help: "Print the snapshot and every change of it, one JSON object on each line.")
  var stream = false

  @Option(
    name: [.customShort("w"), .long],
    help: ArgumentHelp(
      """
      Keep the feed in this file, as JSON lines; one that is there is added to. Where the output \
      is no terminal nothing else is done, until a signal ends it.
      """, valueName: "file"), completion: .file())
  var record: String?

  @Option(
    name: [.customShort("r"), .long],
    help: ArgumentHelp(
      "Look at a kept feed instead of a cluster; [ ] b 0 z move in it.", valueName: "file"),
    completion: .file())
  var replay: String?

  @Flag(name: .customLong("read-only"), help: "No key changes the cluster.")
  var readOnly = false

  @OptionGroup var remote: RemoteOptions

  @Option(
    name: [.customShort("F"), .long],
    help: ArgumentHelp(
      """
      Show the instances in which every word of this text is found; !TEXT: all others. -WORD \
      leaves out, state:draining and load>80 ask for a field; the help screen lists them.
      """, valueName: "text"))
  var filter = ""

  @Option(
    name: [.customShort("s"), .long],
    help: ArgumentHelp("Sort by this column; 'help' lists them.", valueName: "column"),
    completion: .list(SortOrder.names + ["help"]))
  var sort: String?

  @Option(
    name: .customLong("warn-load"),
    help: ArgumentHelp(
      "Load from which on an instance is shown as busy; 80 if not given.", valueName: "percent"))
  var warnLoad: Int?

  @Option(
    name: .customLong("critical-load"),
    help: ArgumentHelp(
      "Load from which on it is a problem; 90 if not given.", valueName: "percent"))
  var criticalLoad: Int?

  @Flag(help: "Ring the terminal's bell for every new alert.")
  var bell = false

  @Flag(
    name: [.customShort("C"), .customLong("no-color"), .customLong("no-colour")],
    help: "Bold and reverse instead of colours; so does NO_COLOR.")
  var noColor = false

  @Flag(
    name: [.customShort("U"), .customLong("ascii")],
    help: "ASCII alone. Without it the locale decides.")
  var ascii = false

  @Flag(
    help: """
      Take the mouse: a click selects, sorts by a column or is the key it is on; the wheel \
      scrolls. Without it the terminal keeps the mouse.
      """)
  var mouse = false

  @Option(
    name: [.customShort("c"), .long],
    help: ArgumentHelp(
      """
      Read settings that are given nowhere else from this file; without it from \
      ~/.config/aostop/config.json, if that is there.
      """, valueName: "file"), completion: .file())
  var config: String?

  @Flag(
    name: .customLong("print-config"),
    help: "Print the settings that hold, as such a file, and end.")
  var printConfig = false

  @Flag(name: [.customShort("V"), .customLong("version")], help: "Print the version.")
  var version = false

  /// What is to be done.
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
      throw ValidationError("--demo runs a cluster of its own and takes no endpoint.")
    }
    guard replay == nil || (endpoints.isEmpty && !demo && record == nil && !stream) else {
      throw ValidationError(
        "--replay needs no cluster: no endpoint, --demo, --record or --stream goes with it.")
    }
    guard record == nil || !(once || json) else {
      throw ValidationError("--record keeps what goes on; --once and --json end at once.")
    }
    guard !(json || stream) || (filter.isEmpty && sort == nil) else {
      throw ValidationError("--filter and --sort do not go with --json and --stream.")
    }
    if let complaint = Filter(text: filter).complaint {
      throw ValidationError("--filter: \(complaint).")
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

  /// - Parameter isTerminal: The output is one.
  func mode(isTerminal: Bool) -> Mode {
    if version { return .version }
    if wantsColumns { return .columns }
    if printConfig { return .settings }
    if json { return .json }
    if stream { return .stream }
    if record != nil, !isTerminal { return .record }
    return once || !isTerminal ? .text : .screen
  }

  /// The endpoints that were named, or the defaults.
  ///
  /// - Throws: `Failure` naming the faulty one, or the variable.
  func chosenEndpoints(
    environment: [String: String] = Surroundings.variables
  ) throws(Failure) -> [Endpoint] {
    try RemoteOptions.endpoints(named: endpoints, environment: environment)
  }

  /// What is shown to balancers on other machines, and whom it believes.
  ///
  /// - Throws: `Failure` naming the option, the variable or the endpoint.
  func remoteAccess(to endpoints: [Endpoint]) throws(Failure) -> RemoteAccess {
    var remote = remote
    // An empty path takes back the one in the file of settings.
    if remote.tokenFile?.isEmpty == true { remote.tokenFile = nil }
    if remote.caFile?.isEmpty == true { remote.caFile = nil }
    return try remote.access(to: endpoints)
  }

  /// What the dashboard wants to know.
  func dashboardOptions(isASCII: Bool, isColorless: Bool, names: [String]) -> DashboardOptions {
    DashboardOptions(
      isReadOnly: readOnly, filter: filter,
      sort: sort.flatMap(SortOrder.init(named:)) ?? .byID, thresholds: thresholds, rings: bell,
      isASCII: isASCII,
      isColorless: isColorless, usesMouse: mouse, endpoints: names, record: record,
      replay: replay, version: ProgramVersion.current)
  }
}

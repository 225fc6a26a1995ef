internal import ArgumentParser
internal import CProcessMemory
internal import ClusterClient
internal import ClusterModel
internal import Dashboard
internal import Glibc
internal import ProgramSupport
internal import Recordings
internal import TerminalScreen

@main
enum Main {
  /// It is synchronous, so that the loop of the screen has the main thread. It throws nothing,
  /// because an error that leaves `main` is a trap.
  static func main() {
    var failure: Failure?
    process_memory_keep_small()
    HTTPTransport.useOneThread()
    OutputSignals.ignore()
    do throws(Failure) {
      try OpenFiles.check()
      try run(try TypedWords.ofProcess())
    } catch {
      failure = error
    }
    // Nothing is buffered, and the tasks that still read from the network need not end in order.
    _exit(console.close(after: failure))
  }

  private static func run(_ arguments: [String]) throws(Failure) {
    guard let options = try completed(arguments) else { return }
    let mode = options.mode(isTerminal: isatty(STDOUT_FILENO) == 1)
    switch mode {
    case .version: try console.line("aostop \(ProgramVersion.current)")
    case .columns: try printColumns()
    case .settings: try console.text(options.settingsText(endpoints: try options.chosenEndpoints()))
    case .screen: try runScreen(options)
    case .text, .json, .stream, .record:
      if let path = options.replay {
        try printRecording(path, options, mode)
      } else {
        try printCluster(options, mode)
      }
    }
  }

  /// The command line, completed from the environment and the file of settings.
  private static func completed(_ arguments: [String]) throws(Failure) -> TopOptions? {
    guard let own = try parse(try TopSettings.plain(arguments)) else { return nil }
    if [.version, .columns].contains(own.mode(isTerminal: true)) { return own }
    return try parse(
      try TopSettings.completed(arguments, own, environment: Surroundings.variables))
  }

  /// Nil where the parser itself has answered: help, completions.
  private static func parse(_ arguments: [String]) throws(Failure) -> TopOptions? {
    do { return try TopOptions.parse(arguments) } catch {
      let text = TopOptions.fullMessage(for: error)
      guard TopOptions.exitCode(for: error) != .success else {
        try console.text(text + "\n")
        return nil
      }
      let lines = text.split(separator: "\n").map {
        String($0.hasPrefix("Error: ") ? $0.dropFirst(7) : $0)
      }
      throw Failure(.wrongInput, lines)
    }
  }

  private static func printColumns() throws(Failure) {
    let width = Column.all.map(\.name.rawValue.utf8.count).max() ?? 0
    for column in Column.all {
      let blanks = String(repeating: " ", count: width - column.name.rawValue.utf8.count)
      try console.line("\(column.name.rawValue)\(blanks)  \(column.help)")
    }
  }

  private static func dashboardOptions(
    _ options: TopOptions, _ names: [String]
  ) -> DashboardOptions {
    options.dashboardOptions(
      isASCII: options.ascii || Surroundings.wantsASCII,
      isColorless: options.noColor || Surroundings.variables["NO_COLOR"] != nil, names: names)
  }

  private static func recorder(_ options: TopOptions) throws(Failure) -> Recorder? {
    guard let path = options.record else { return nil }
    do throws(RecordingFile.Trouble) { return try Recorder(path: path) } catch {
      throw Failure(.wrongInput, "--record: \(path): \(error.description)")
    }
  }

  /// - Parameter remark: What is not shown of the recording.
  private static func player(
    _ path: String, _ remark: (String) -> Void = { _ in }
  ) throws(Failure) -> Player {
    do throws(RecordingFile.Trouble) {
      let recording = try Recording(path: path)
      if let remarks = recording.remarks { remark(remarks) }
      return try Player(recording)
    } catch {
      throw Failure(.wrongInput, "--replay: \(path): \(error.description)")
    }
  }

  /// Prints the last picture of a recording.
  private static func printRecording(
    _ path: String, _ options: TopOptions, _ mode: TopOptions.Mode
  ) throws(Failure) {
    var player = try player(path) { console.error("\(path): \($0)") }
    guard let snapshot = player.seek(.end, at: 0)?.snapshot else { return }
    if mode == .json {
      try console.json(snapshot)
    } else {
      try console.text(Dashboard.plainText(of: snapshot, options: dashboardOptions(options, [])))
    }
  }

  private static func runScreen(_ options: TopOptions) throws(Failure) {
    if let path = options.replay {
      return try show(try player(path), options, [])
    }
    let recorder = try recorder(options)
    if options.demo { return try show(try DemoSource(recorder: recorder), options, ["demo"]) }
    let endpoints = try options.chosenEndpoints()
    let feed = try FeedSource(
      endpoints: endpoints, access: try options.remoteAccess(to: endpoints), recorder: recorder,
      name: \.description)
    try show(feed, options, endpoints.map(\.description))
  }

  private static func show(
    _ source: consuming some EventSource & ~Copyable, _ options: TopOptions, _ names: [String]
  ) throws(Failure) {
    var loop = ScreenLoop(options: dashboardOptions(options, names), source: source)
    try loop.run()
  }

  private static func printCluster(_ options: TopOptions, _ mode: TopOptions.Mode) throws(Failure) {
    let recorder = try recorder(options)
    let signals = EndSignals()
    var demo: DemoProcess? = options.demo ? try DemoProcess.start() : nil
    try demo?.waitUntilReady(orUntil: signals.descriptor)
    let own = demo?.endpoint
    let endpoints = if let own { [own] } else { try options.chosenEndpoints() }
    let access = own == nil ? try options.remoteAccess(to: endpoints) : RemoteAccess()
    let names = endpoints.map(\.description)
    let dashboard = dashboardOptions(options, names)
    switch mode {
    case .stream, .record:
      try Printing.stream(
        from: endpoints, access, to: recorder, prints: mode == .stream, orUntil: signals.descriptor)
    case .json:
      try Printing.snapshot(from: endpoints, access, orUntil: signals.descriptor) {
        answer throws(ClientFailure) in
        let _: ClusterSnapshot = try answer.decoded()  // whatever else answers there
        return PlainText.cleaned(String(decoding: answer.bytes, as: UTF8.self)) + "\n"
      }
    default:
      try Printing.snapshot(from: endpoints, access, orUntil: signals.descriptor) {
        answer throws(ClientFailure) in
        Dashboard.plainText(of: try answer.decoded(), options: dashboard)
      }
    }
  }
}

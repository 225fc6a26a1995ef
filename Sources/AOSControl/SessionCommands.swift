internal import ArgumentParser
internal import ClusterAPI
internal import ClusterClient
internal import ClusterModel
internal import ProgramSupport

struct SessionsCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sessions",
    abstract: "Show the open sessions of an instance, or those of a user or a computer.",
    discussion: """
      Without an instance, --user and --computer search all servers. A name must match as a \
      whole; case does not matter, and * matches any text. Shows at most 1000 sessions, within \
      2 s, and names the servers that did not answer.
      """)

  @Argument(help: "The instance. Without it: all, with --user or --computer.", transform: checkedID)
  var id: InstanceID?
  @Option(help: ArgumentHelp("Only sessions of this user.", valueName: "name"))
  var user: String?
  @Option(help: ArgumentHelp("Only sessions from this computer.", valueName: "name"))
  var computer: String?
  @OptionGroup var connection: ConnectionOptions

  func validate() throws {
    guard id != nil || user != nil || computer != nil else {
      throw ValidationError(
        "name an instance, or a user or a computer with --user or --computer")
    }
    for (name, option) in [(user, "--user"), (computer, "--computer")] {
      if name?.isEmpty == true { throw ValidationError("\(option) is empty") }
      try checkName(name, option: option)
    }
  }

  func run() async throws {
    try await connection.withBalancer { balancer in
      guard let id else { return try await search(balancer) }
      let path = "/v1/instances/\(id.text.percentEncoded)/sessions"
      let answer = try await balancer.raw(.get, path)
      if connection.json, answer.isSuccess, user != nil || computer != nil {
        return try console.json(SessionList(sessions: wanted(of: try answer.decoded())))
      }
      try connection.show(answer, as: SessionList.self) { answer in
        let sessions = wanted(of: answer)
        var table = SessionTable(of: sessions)
        for session in sessions { table.add(session) }
        return table.lines
      }
    }
  }

  /// The sessions of the requested user and computer.
  private func wanted(of list: SessionList) -> [SessionInfo] {
    let patterns = (user.map { NamePattern($0) }, computer.map { NamePattern($0) })
    return list.sessions.filter { session in
      patterns.0?.matches(session.user) != false && patterns.1?.matches(session.computer) != false
    }
  }

  private func search(_ balancer: ClusterConnection) async throws {
    let items =
      [user.map { "user=\($0.percentEncoded)" }]
      + [computer.map { "computer=\($0.percentEncoded)" }]
    let path = "/v1/sessions?" + items.compactMap { $0 }.joined(separator: "&")
    let answer = try await balancer.raw(.get, path)
    try connection.show(answer, as: SessionFindings.self) { findings in
      var table = SessionTable(of: findings.sessions.map(\.info), hasInstances: true)
      for session in findings.sessions { table.add(session.info, at: session.instance) }
      return table.lines
    }
    guard !connection.json else { return }
    let findings: SessionFindings = try answer.decoded()
    if findings.more { console.note("there are more than \(SessionFindings.most)") }
    for server in findings.unanswered {
      console.note("not asked or no answer: \(server.id) \(PlainText.cleaned(server.reason))")
    }
  }
}

/// Sessions as rows.
private struct SessionTable {
  private var table: TextTable
  private let hasInstances: Bool
  /// Empty columns are left out.
  private let hasTraffic: Bool
  private let someGetNoNotices: Bool

  init(of sessions: [SessionInfo], hasInstances: Bool = false) {
    self.hasInstances = hasInstances
    hasTraffic = sessions.contains { $0.connections != nil }
    someGetNoNotices = sessions.contains { $0.withoutNotices == true }
    table = TextTable(
      columns: (hasInstances ? [.left("INSTANCE")] : []) + [
        .left("SESSION"), .left("KIND"), .left("USER"), .left("COMPUTER"), .left("SINCE"),
        .left("ACTIVE"),
      ] + (hasTraffic ? [.right("CONNECTIONS"), .right("BYTES-IN"), .right("BYTES-OUT")] : [])
        + (someGetNoNotices ? [.left("NOTICES")] : []))
  }

  var lines: [String] { table.lines }

  mutating func add(_ session: SessionInfo, at instance: InstanceID? = nil) {
    let traffic = [session.connections, session.bytesFromClient, session.bytesFromApplication]
      .map { $0.map(String.init) ?? "-" }
    table.rows.append(
      (hasInstances ? [instance?.text ?? "-"] : []) + [
        session.session, session.kind.rawValue, session.user, session.computer,
        "\(session.since)", session.activeAt?.description ?? "-",
      ] + (hasTraffic ? traffic : [])
        + (someGetNoNotices ? [session.withoutNotices == true ? "none" : "yes"] : []))
  }
}

struct EndCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "end", abstract: "End sessions.",
    discussion: """
      To end one session: aosctl end AOS01 k3v9. To end several, at most 100, even at different \
      instances: aosctl end AOS01/k3v9 AOS02/p7x2. The log has a line for each. If some cannot be \
      ended, aosctl names them, and the exit code is 3.
      """)

  @Argument(
    help: ArgumentHelp(
      "An instance and a session, or several as INSTANCE/SESSION.", valueName: "session"))
  var words: [String]
  @OptionGroup var connection: ConnectionOptions

  func validate() throws { _ = try names }

  /// The sessions to end.
  private var names: [SessionName] {
    get throws {
      if words.count == 2, !words[0].contains("/") {
        guard !words[1].isEmpty else { throw ValidationError("<session> is empty") }
        return [SessionName(instance: try checkedID(words[0]), session: words[1])]
      }
      guard words.count <= SessionEndRequest.most else {
        throw ValidationError("at most \(SessionEndRequest.most) sessions end at once")
      }
      return try words.map { word in
        let parts = word.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
          throw ValidationError(
            "'\(word)' is not INSTANCE/SESSION, such as AOS01/k3v9; aosctl sessions shows both")
        }
        return SessionName(instance: try checkedID(parts[0]), session: parts[1])
      }
    }
  }

  func run() async throws {
    let names = try names
    guard names.count > 1, let first = names.first else { return try await endOne(names[0]) }
    var missed: [MissedSession] = []
    try await connection.withBalancer(look: "aosctl sessions \(first.instance)") { balancer in
      let answer = try await balancer.raw(.endSessions(names))
      try connection.show(answer, as: SessionEndings.self) { endings in
        endings.ended.map { "session \($0.info.session) of \($0.instance) is ended" }
      }
      let endings: SessionEndings = try answer.decoded()
      missed = endings.missed
    }
    guard missed.isEmpty else {
      throw ProgramFailure(
        .refused,
        missed.map {
          "session \($0.session) of \($0.instance) is not ended: \(PlainText.cleaned($0.reason))"
        })
    }
  }

  private func endOne(_ name: SessionName) async throws {
    let (id, session) = (name.instance, name.session)
    try await connection.change(
      MutationRequest(.endSession(session, of: id)), as: SessionInfo.self,
      look: "aosctl sessions \(id)"
    ) { ["session \($0.session) of \(id) is ended"] }
  }
}

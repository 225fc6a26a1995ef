package import ClusterModel

/// What a registry in SQLite may be told beyond its file.
package struct SQLiteOptions: Equatable, Sendable {
  /// How long a call waits for another program's lock, in milliseconds.
  package var busyTimeoutMilliseconds = Int(TimeLimit.fileLock)
  /// How often the file is asked for news of other programs, in milliseconds. Asking reads a
  /// number from shared memory and writes nothing.
  package var pollMilliseconds = 250
  /// While writing is impossible, every so many polls one write is tried.
  package var pollsPerTrial = 4
  package var actionsKept = ActionRetention()

  package init() {}
}

/// A registry in one file, shared with other programs of this machine.
///
/// The connection is given up when the file is moved, replaced or broken, and opened again as
/// soon as the same registry is back. It is never made anew behind the back of a running
/// balancer: an empty registry would forget every drain.
package actor SQLiteRegistry: ClusterRegistry {
  package nonisolated let kind = DatabaseURL.Kind.sqlite.rawValue
  private let path: String
  private let cluster: String
  private let options: SQLiteOptions
  private let executor = QueueExecutor(label: "aos.registry.calls")
  private let hub = SignalHub()
  private var connection: SQLiteConnection?
  private var epoch: String?
  /// Why it is away; nil while everything works.
  private var outage: String?
  private var pollsUntilTrial = 0
  private var polling: Task<Void, Never>?
  private var isClosed = false

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens the registry in that file, and makes both where there is none.
  ///
  /// - Throws: `unavailable` where trying again may help, `unusable` where it cannot.
  package static func open(
    _ path: String, cluster: String, options: SQLiteOptions = SQLiteOptions()
  ) async throws(RegistryFailure) -> SQLiteRegistry {
    let registry = SQLiteRegistry(path: path, cluster: cluster, options: options)
    try await registry.start()
    return registry
  }

  private init(path: String, cluster: String, options: SQLiteOptions) {
    self.path = path
    self.cluster = cluster
    self.options = options
  }

  deinit {
    polling?.cancel()
  }

  private func start() throws(RegistryFailure) {
    do {
      let connection = try SQLiteConnection(
        path: path, cluster: cluster, options: options, mayCreate: true)
      epoch = connection.epoch
      self.connection = connection
    } catch {
      if error.isForGood { throw .unusable("\(path) \(error.complaint)") }
      throw error.failure(file: path)
    }
    let interval = Duration.milliseconds(options.pollMilliseconds)
    polling = Task { [weak self] in
      while (try? await Task.sleep(for: interval)) != nil, let self { await self.poll() }
    }
  }

  // MARK: - Calls

  package func contents() throws(RegistryFailure) -> RegistryContents {
    try perform { connection throws(SQLiteFault) in try connection.contents() }
  }

  package func change(
    _ key: RequestKey?, at: Timestamp, actor: ActionActor,
    decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) throws -> RegistryCommit {
    let request = ChangeRequest(key: key, at: at, actor: actor)
    return try perform { connection throws(SQLiteFault) in
      try connection.change(request, decide: decide)
    }.get()
  }

  package func actions(limit: Int) throws(RegistryFailure) -> [ActionRecord] {
    try perform { connection throws(SQLiteFault) in try connection.actions(limit: limit) }
  }

  package func confirm(
    _ obeyed: [InstanceID: Int64]
  ) throws(RegistryFailure) -> [ActionRecord] {
    try perform { connection throws(SQLiteFault) in try connection.confirm(obeyed) }
  }

  package func settle(
    action: Int64, delivered: Bool, result: String?
  ) throws(RegistryFailure) {
    try perform { connection throws(SQLiteFault) in
      try connection.settle(action: action, delivered: delivered, result: result)
    }
  }

  package nonisolated func backUp(to file: String) async throws(RegistryFailure) {
    try await RegistryCopier().copy(path, to: file)
  }

  package nonisolated func signals() -> AsyncStream<RegistrySignal> { hub.stream() }

  package func close() {
    isClosed = true
    polling?.cancel()
    connection?.close()
    connection = nil
    hub.close()
  }

  private func perform<Value>(
    _ work: (SQLiteConnection) throws(SQLiteFault) -> Value
  ) throws(RegistryFailure) -> Value {
    guard !isClosed else { throw .unavailable("\(path) was closed") }
    do {
      return try work(try connected())
    } catch {
      note(error)
      throw error.failure(file: path)
    }
  }

  // MARK: - Away and back

  /// The connection, or the one that can be had again.
  private func connected() throws(SQLiteFault) -> SQLiteConnection {
    if let connection { return connection }
    let connection = try SQLiteConnection(
      path: path, cluster: cluster, options: options, mayCreate: false)
    guard connection.epoch == epoch else {
      throw SQLiteFault.notOurs("is another registry than the one that was here")
    }
    self.connection = connection
    noteBack()
    return connection
  }

  /// One look at the file: is it there, is there news, can it be written again.
  private func poll() {
    guard !isClosed else { return }
    do {
      let connection = try connected()
      if try connection.hasNews() { hub.send(.changed) }
      guard outage != nil else { return }
      // It can be read, so it was a write that failed, and only a write can tell.
      pollsUntilTrial -= 1
      guard pollsUntilTrial <= 0 else { return }
      pollsUntilTrial = options.pollsPerTrial
      try connection.checkWriting()
      noteBack()
    } catch {
      note(error)
    }
  }

  private func noteBack() {
    guard outage != nil else { return }
    outage = nil
    hub.send(.available)
  }

  private func note(_ fault: SQLiteFault) {
    if !fault.keepsConnection {
      connection?.close()
      connection = nil
    }
    if outage == nil { pollsUntilTrial = options.pollsPerTrial }
    let reason = "\(path) \(fault.complaint)"
    guard outage != reason else { return }
    outage = reason
    hub.send(.lost(reason))
  }
}

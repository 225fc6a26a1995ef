package import ClusterModel

/// A registry on a PostgreSQL server, shared with balancers on other machines.
///
/// A connection that breaks is made again, for as long as it takes; until then every call fails
/// at once. What is in the database is read anew afterwards, since nobody knows what was missed.
package actor PostgresRegistry: ClusterRegistry {
  package nonisolated let kind = DatabaseURL.Kind.postgres.rawValue
  private let address: PostgresAddress
  private let cluster: String
  private let options: PostgresOptions
  private let dialer: PostgresDialer
  private let executor = QueueExecutor(label: "aos.registry.calls")
  private let hub = SignalHub()
  private var link: PostgresLink?
  private var watch: DescriptorWatch?
  private var epoch: String?
  /// Why it is away; nil while everything works.
  private var outage: String?
  /// Tries to come back, while it is away.
  private var recovery: Task<Void, Never>?
  private var checking: Task<Void, Never>?
  private var isClosed = false
  /// The server cannot announce changes to this link.
  private var mustPoll = false

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens the registry in that database, and makes it where there is none.
  ///
  /// - Throws: `unavailable` where trying again may help, `unusable` where it cannot.
  package static func open(
    _ address: PostgresAddress, cluster: String, options: PostgresOptions = PostgresOptions()
  ) async throws(RegistryFailure) -> PostgresRegistry {
    let registry = PostgresRegistry(address: address, cluster: cluster, options: options)
    try await registry.start()
    return registry
  }

  private init(address: PostgresAddress, cluster: String, options: PostgresOptions) {
    self.address = address
    self.cluster = cluster
    self.options = options
    dialer = PostgresDialer(address: address, cluster: cluster, options: options)
  }

  deinit {
    recovery?.cancel()
    checking?.cancel()
  }

  private func start() async throws(RegistryFailure) {
    do {
      let link = try await dialer.dial(mayCreate: true)
      epoch = link.epoch
      adopt(link)
    } catch {
      throw error.failure(database: address.description)
    }
    checking = Task { [weak self, options] in
      var wait = options.pollMilliseconds
      while (try? await Task.sleep(for: .milliseconds(wait))) != nil, let self {
        wait = await self.check() ? options.pollMilliseconds : options.checkMilliseconds
      }
    }
  }

  // MARK: - Calls

  package func contents() throws(RegistryFailure) -> RegistryContents {
    try perform { link throws(PostgresFault) in try link.contents() }
  }

  package func change(
    _ key: RequestKey?, at: Timestamp, actor: ActionActor,
    decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) throws -> RegistryCommit {
    let request = ChangeRequest(key: key, at: at, actor: actor)
    return try perform { link throws(PostgresFault) in
      try link.change(request, decide: decide)
    }.get()
  }

  package func actions(limit: Int) throws(RegistryFailure) -> [ActionRecord] {
    try perform { link throws(PostgresFault) in try link.actions(limit: limit) }
  }

  package func confirm(
    _ obeyed: [InstanceID: Int64]
  ) throws(RegistryFailure) -> [ActionRecord] {
    try perform { link throws(PostgresFault) in try link.confirm(obeyed) }
  }

  package func settle(
    action: Int64, delivered: Bool, result: String?
  ) throws(RegistryFailure) {
    try perform { link throws(PostgresFault) in
      try link.settle(action: action, delivered: delivered, result: result)
    }
  }

  package nonisolated func backUp(to file: String) async throws(RegistryFailure) {
    try await RegistryCopier().copy(address, of: cluster, to: file)
  }

  package nonisolated func signals() -> AsyncStream<RegistrySignal> { hub.stream() }

  package func close() {
    isClosed = true
    recovery?.cancel()
    checking?.cancel()
    drop()
    hub.close()
  }

  private func perform<Value>(
    _ work: (PostgresLink) throws(PostgresFault) -> Value
  ) throws(RegistryFailure) -> Value {
    guard !isClosed else { throw .unavailable("\(address) was closed") }
    guard let link else { throw .unavailable(outage ?? "\(address) is away") }
    do {
      return try work(link)
    } catch {
      note(error)
      // It could be used when it was opened, so it may be again.
      var fault = error
      fault.isForGood = false
      throw fault.failure(database: address.description)
    }
  }

  // MARK: - Away and back

  private func adopt(_ link: PostgresLink) {
    self.link = link
    watch = link.socket.flatMap { socket in
      executor.watch(socket) { [weak self] in
        self?.assumeIsolated { registry in registry.listen() }
      }
    }
    // Without a descriptor to spare nobody hears of announcements either.
    mustPoll = link.mustPoll || watch == nil
    hub.send(.remark(mustPoll ? pollingRemark : nil))
  }

  private var pollingRemark: String {
    let seconds = Double(options.pollMilliseconds) / 1_000
    return "\(address) announces no changes, as behind a pool of connections in transaction mode; "
      + "it is asked for them every \(seconds) s"
  }

  private func drop() {
    watch = nil
    link = nil
  }

  /// The server has said something.
  private func listen() {
    guard let link else { return }
    do {
      if try link.hasNews() { hub.send(.changed) }
    } catch {
      note(error)
    }
  }

  /// A connection that breaks without a word is found out here, and a change that nobody
  /// announced.
  ///
  /// - Returns: Only these checks find changes, so the next one must come soon.
  private func check() -> Bool {
    guard !isClosed, outage == nil, let link else { return mustPoll }
    do {
      let differs = try link.check()
      if try link.hasNews() || differs { hub.send(.changed) }
    } catch {
      note(error)
    }
    return mustPoll
  }

  private func note(_ fault: PostgresFault) {
    guard !isClosed else { return }
    if !fault.keepsConnection { drop() }
    let reason = "\(address) \(fault.complaint)"
    if outage != reason {
      outage = reason
      hub.send(.lost(reason))
    }
    guard recovery == nil else { return }
    var waits = RetryWaits(options)
    recovery = Task { [weak self] in
      var random = SystemRandomNumberGenerator()
      while true {
        let wait = Duration.milliseconds(waits.take(using: &random))
        guard (try? await Task.sleep(for: wait)) != nil, let self else { return }
        if await self.comeBack() { return }
      }
    }
  }

  /// - Returns: There is nothing more to try.
  private func comeBack() async -> Bool {
    do {
      if link == nil {
        let link = try await dialer.dial(mayCreate: false)
        guard link.epoch == epoch else { throw PostgresFault.isAnother }
        guard !isClosed else { return true }
        adopt(link)
      }
      guard let link, !isClosed else { return isClosed }
      // Whoever hears of it reads everything: that has to work, and so has writing.
      _ = try link.contents()
      try link.checkWriting()
    } catch {
      note(PostgresFault(error))
      return isClosed
    }
    recovery = nil
    outage = nil
    hub.send(.available)
    return true
  }
}

/// Makes connections on a queue of its own: a server that does not answer keeps nobody waiting
/// who could be told at once that it is away.
private actor PostgresDialer {
  private let address: PostgresAddress
  private let cluster: String
  private let options: PostgresOptions
  private let executor = QueueExecutor(label: "aos.registry.connecting")

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  init(address: PostgresAddress, cluster: String, options: PostgresOptions) {
    (self.address, self.cluster, self.options) = (address, cluster, options)
  }

  func dial(mayCreate: Bool) throws(PostgresFault) -> sending PostgresLink {
    try PostgresLink(address, cluster: cluster, options: options, mayCreate: mayCreate)
  }
}

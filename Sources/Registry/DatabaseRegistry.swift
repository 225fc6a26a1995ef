package import ClusterModel

/// A registry in a database that balancers share.
///
/// A lost connection is made again, however long that takes; until then calls fail at once.
/// Afterwards the contents are read again, since changes may have been missed. A running balancer
/// never makes a new registry: an empty one would forget every drain.
package actor DatabaseRegistry: ClusterRegistry {
  package nonisolated let kind: String
  private let place: any RegistryPlace
  private let dialer: RegistryDialer
  private let executor = QueueExecutor(label: "aos.registry.calls")
  private let hub = SignalHub()
  private var link: (any RegistryConnection)?
  /// Watches for announcements; nil where there are none.
  private var watch: DescriptorWatch?
  private var epoch: String?
  /// Why the database is away; nil while everything works.
  private var outage: DatabaseFault?
  /// Tries to reconnect while the database is away.
  private var recovery: Task<Void, Never>?
  private var looking: Task<Void, Never>?
  private var isClosed = false

  package nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Opens the registry in that file. If there is none, makes it.
  ///
  /// - Throws: `unavailable` where trying again may help, `unusable` where it cannot.
  package static func open(
    _ path: String, cluster: String, options: SQLiteOptions = SQLiteOptions()
  ) async throws(RegistryFailure) -> DatabaseRegistry {
    try await open(SQLitePlace(path: path, cluster: cluster, settings: options))
  }

  /// Opens the registry on that server. If there is none, makes it.
  ///
  /// - Throws: `unavailable` where trying again may help, `unusable` where it cannot.
  package static func open(
    _ address: PostgresAddress, cluster: String, options: PostgresOptions = PostgresOptions()
  ) async throws(RegistryFailure) -> DatabaseRegistry {
    try await open(PostgresPlace(address: address, cluster: cluster, settings: options))
  }

  private static func open(
    _ place: any RegistryPlace
  ) async throws(RegistryFailure) -> DatabaseRegistry {
    let registry = DatabaseRegistry(place)
    try await registry.start()
    return registry
  }

  private init(_ place: any RegistryPlace) {
    self.place = place
    kind = place.kind.rawValue
    dialer = RegistryDialer(place)
  }

  deinit {
    recovery?.cancel()
    looking?.cancel()
  }

  private func start() async throws(RegistryFailure) {
    do throws(DatabaseFault) {
      try adopt(try await dialer.dial(mayCreate: true))
    } catch {
      throw error.failure(of: place.name)
    }
    looking = Task { [weak self, place] in
      var wait = place.options.pollMilliseconds
      while (try? await Task.sleep(for: .milliseconds(wait))) != nil, let self {
        wait = await self.look()
      }
    }
  }

  // MARK: - Calls

  package func contents() throws(RegistryFailure) -> RegistryContents {
    try perform { link throws(DatabaseFault) in try link.contents() }
  }

  package func change(
    _ key: RequestKey?, at: Timestamp, actor: ActionActor,
    decide: @escaping @Sendable (inout RegistryContents) throws -> [ActionDraft]
  ) throws -> RegistryCommit {
    let request = ChangeRequest(key: key, at: at, actor: actor)
    return try perform { link throws(DatabaseFault) in
      try link.change(request, decide: decide)
    }.get()
  }

  package func actions(limit: Int) throws(RegistryFailure) -> [ActionRecord] {
    try perform { link throws(DatabaseFault) in try link.actions(limit: limit) }
  }

  package func confirm(
    _ obeyed: [InstanceID: Int64]
  ) throws(RegistryFailure) -> [ActionRecord] {
    try perform { link throws(DatabaseFault) in try link.confirm(obeyed) }
  }

  package func recordOutcome(
    of action: Int64, delivered: Bool, result: String?
  ) throws(RegistryFailure) {
    try perform { link throws(DatabaseFault) in
      try link.recordOutcome(of: action, delivered: delivered, result: result)
    }
  }

  package func write(_ events: [ClusterEvent]) throws(RegistryFailure) -> [ClusterEvent] {
    try perform { link throws(DatabaseFault) in try link.write(events) }
  }

  package func events(_ query: EventQuery) throws(RegistryFailure) -> [ClusterEvent] {
    try perform { link throws(DatabaseFault) in try link.events(query) }
  }

  package nonisolated func backUp(to file: String) async throws(RegistryFailure) {
    try await place.backUp(to: file)
  }

  package nonisolated func signals() -> AsyncStream<RegistrySignal> { hub.stream() }

  package func close() {
    isClosed = true
    recovery?.cancel()
    looking?.cancel()
    drop()
    hub.close()
  }

  private func perform<Value>(
    _ work: (any RegistryConnection) throws(DatabaseFault) -> Value
  ) throws(RegistryFailure) -> Value {
    guard !isClosed else { throw .unavailable("\(place.name) was closed") }
    do throws(DatabaseFault) {
      return try work(try reached())
    } catch {
      note(error)
      // The registry was usable when it was opened, so it may be usable again.
      var fault = error
      fault.isForGood = false
      throw fault.failure(of: place.name)
    }
  }

  // MARK: - Away and back

  /// The connection, or a new one if it can be made at once.
  private func reached() throws(DatabaseFault) -> any RegistryConnection {
    if let link { return link }
    guard place.isAtHand else { throw outage ?? DatabaseFault(complaint: "is away") }
    let link = try place.connect(mayCreate: false)
    try adopt(link)
    return link
  }

  private func adopt(_ link: any RegistryConnection) throws(DatabaseFault) {
    guard epoch == nil || link.epoch == epoch else { throw DatabaseFault.isAnother }
    epoch = link.epoch
    self.link = link
    watch = link.socket.flatMap { socket in
      executor.watch(socket) { [weak self] in
        self?.assumeIsolated { registry in registry.listen() }
      }
    }
    // Without a free descriptor there are no announcements either.
    hub.send(.remark(watch == nil ? place.pollingRemark : nil))
  }

  private func drop() {
    watch = nil
    link = nil
  }

  /// Call this when the database sent something.
  private func listen() {
    tell { link throws(DatabaseFault) in try link.hasAnnouncement() }
  }

  /// Finds a connection that broke silently, and changes that were not announced.
  ///
  /// - Returns: When to look again, in milliseconds.
  private func look() -> Int {
    tell { link throws(DatabaseFault) in try link.hasNews() }
    return watch == nil ? place.options.pollMilliseconds : place.options.checkMilliseconds
  }

  private func tell(_ hasNews: (any RegistryConnection) throws(DatabaseFault) -> Bool) {
    guard let link else { return }
    do throws(DatabaseFault) {
      if try hasNews(link) { hub.send(.changed) }
    } catch {
      note(error)
    }
  }

  private func note(_ fault: DatabaseFault) {
    guard !isClosed else { return }
    if !fault.keepsConnection { drop() }
    if outage?.complaint != fault.complaint {
      outage = DatabaseFault(complaint: fault.complaint)
      hub.send(.lost("\(place.name) \(fault.complaint)"))
    }
    guard recovery == nil else { return }
    var waits = RetryWaits(place.options)
    recovery = Task { [weak self] in
      var random = SystemRandomNumberGenerator()
      while true {
        let wait = Duration.milliseconds(waits.nextWait(using: &random))
        guard (try? await Task.sleep(for: wait)) != nil, let self else { return }
        if await self.comeBack() { return }
      }
    }
  }

  /// - Returns: Whether there is nothing more to try.
  private func comeBack() async -> Bool {
    do throws(DatabaseFault) {
      if link == nil {
        let link = try await dialer.dial(mayCreate: false)
        // A call may have reconnected already.
        if !isClosed, self.link == nil { try adopt(link) }
      }
      guard let link, !isClosed else { return isClosed }
      // Listeners will read everything, so reading and writing must work.
      _ = try link.contents()
      try link.checkWriting()
    } catch {
      note(error)
      return isClosed
    }
    recovery = nil
    outage = nil
    hub.send(.available)
    return true
  }
}

/// Makes connections on its own queue, so that a database that does not answer never delays a
/// caller who could be told at once that it is away.
private actor RegistryDialer {
  private let place: any RegistryPlace
  private let executor = QueueExecutor(label: "aos.registry.connecting")

  nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  init(_ place: any RegistryPlace) {
    self.place = place
  }

  func dial(mayCreate: Bool) throws(DatabaseFault) -> sending any RegistryConnection {
    try place.connect(mayCreate: mayCreate)
  }
}

/// The waits between attempts to reconnect. Each is twice as long as the one before, and differs
/// from those of other balancers, so that they do not all reconnect at once.
struct RetryWaits {
  private var next: Int
  private let longest: Int

  init(_ options: some RegistryOptions) {
    next = options.firstRetryMilliseconds
    longest = options.longestRetryMilliseconds
  }

  /// The wait in milliseconds: between three quarters of the step and all of it.
  mutating func nextWait(using random: inout some RandomNumberGenerator) -> Int {
    defer { next = min(longest, next * 2) }
    return Int.random(in: (next * 3 / 4)...next, using: &random)
  }
}

import Foundation
import HTTP
import Logging
import Synchronization
import Wire

/// The coordinator: listens, admits workers and clients, and works on jobs until it is stopped.
public final class CoordinatorServer: @unchecked Sendable {
  private let configuration: CoordinatorConfiguration
  private let lock: HomeLock
  private let listener: PeerListener
  private let core: Core
  private let tokens: TokenDesk
  private let admission: Admission
  private let home: HomeFolder
  private let webhooks: WebhookDesk
  private let strangers: StrangerLog
  /// Whether the file with the address is still to be written.
  private let unpublished = Mutex(false)
  /// Seconds that peers have to take the goodbye.
  private static let farewell = 2.0
  // Decisions wait for the database, which an event loop must not.
  private let desk = DispatchQueue(label: "admission")
  // `stopping`, `stopped` and `started` are touched only under `state`.
  private let state = MonotonicCondition()
  private var stopping = false
  private var stopped = false
  private var started = false
  private var web: WebServer?

  /// Opens the home folder and the port; nothing is accepted before `start`.
  ///
  /// - Throws: `homeInUse` where another coordinator runs, `unreachable` where the port is taken.
  public convenience init(_ configuration: CoordinatorConfiguration) throws(CoordinatorError) {
    let program = try PlannerProgram.find(configuration.planner)
    try self.init(configuration) { (home, artifacts) throws(CoordinatorError) in
      IsolatedEngine(
        VarunaEngine(home: home, artifacts: artifacts, threads: configuration.threads),
        program: program,
        limits: ChildLimits(
          memory: configuration.planningMemory, seconds: configuration.planningSeconds,
          threads: configuration.threads),
        plans: try KeptPlans(in: home.plans, bytes: configuration.keptPlanBytes))
    }
  }

  /// The same with another engine.
  package init(
    _ configuration: CoordinatorConfiguration,
    engine: (HomeFolder, ArtifactStore) throws(CoordinatorError) -> any JobEngine
  ) throws(CoordinatorError) {
    self.configuration = configuration
    strangers = StrangerLog(configuration.log)
    home = HomeFolder(configuration.home, parameters: configuration.parameters)
    try home.create()
    lock = try home.lock()
    // What planning processes of an earlier coordinator left behind.
    try? FileManager.default.removeItem(at: IsolatedEngine.folders(home))
    try? FileManager.default.removeItem(at: home.url.appendingPathComponent("backups"))
    try home.checkIdentity()
    guard let port = UInt16(exactly: configuration.listenPort) else {
      throw .badAddress("\(configuration.listenHost):\(configuration.listenPort)")
    }
    let artifacts: ArtifactStore
    let identity: StaticKey
    let admin: StaticKey
    let advertised: Endpoint
    let descriptors: DescriptorBudget
    do {
      artifacts = try ArtifactStore(
        directory: home.artifacts.path, reserve: configuration.uploadReserve)
      identity = try StaticKey.loadOrCreate(at: home.coordinatorKey.path)
      admin = try StaticKey.loadOrCreate(at: home.adminKey.path)
      descriptors = DescriptorBudget(limit: DescriptorLimit.raise())
      var limits = WireLimits.standard
      limits.maximumUnauthenticatedConnections = descriptors.strangers
      listener = try PeerListener(
        on: Endpoint(host: configuration.listenHost, port: port), identity: identity,
        limits: limits, report: { configuration.log(.warning(LogEntry($0))) })
      let given = try configuration.advertisedAddress.map { (text) throws(WireError) in
        try Endpoint(parsing: text)
      }
      // Under port 0 the port in use is meant.
      let port = listener.endpoint.port
      advertised =
        given.map { $0.port == 0 ? Endpoint(host: $0.host, port: port) : $0 }
        ?? (listener.endpoint.isWildcard
          ? listener.endpoint.firstReachable ?? listener.endpoint.forThisMachine
          : listener.endpoint)
    } catch {
      throw CoordinatorError(error)
    }
    if advertised.isWildcard {
      throw .badRequest(
        "--advertise: nobody can connect to \(advertised); name an address of this machine")
    }
    // After the keys: a database without them is refused.
    let store = try Store(path: home.database.path)
    store.tellDamage { configuration.log(.error("a row is left out of what is shown: \($0)")) }
    let adminID = Admission.id(of: admin.publicKey)
    try store.enrol(
      MemberRecord(
        id: adminID, key: admin.publicKey.bytes, role: .admin,
        name: "admin", threads: 1, memoryBytes: 0, enrolled: 0, lastSeen: 0), at: Core.wallClock)
    core = Core(
      store: store, artifacts: artifacts, engine: try engine(home, artifacts), admin: adminID,
      leaseSeconds: configuration.leaseSeconds, keepJobsSeconds: configuration.keepJobsSeconds,
      limits: configuration.limits, descriptors: descriptors,
      folders: [configuration.home, configuration.parameters].compactMap { $0 }.flatMap {
        [$0.path, $0.resolvingSymlinksInPath().path]
      },
      webhookKeys: try WebhookKeys(home: home),
      log: configuration.log)
    if let webhook = configuration.webhook { _ = try WebhookTarget(webhook) }
    try store.setOperatorWebhook(configuration.webhook)
    webhooks = WebhookDesk(
      core: core, poster: WebPoster(allowsPrivate: configuration.webhookAllowsPrivate))
    tokens = TokenDesk(store: store, coordinator: identity.fingerprint, address: advertised)
    admission = Admission(
      store: store, audit: { [core] in core.audit($0, of: $0.subject) },
      heartbeatSeconds: configuration.heartbeatSeconds,
      leaseSeconds: configuration.leaseSeconds)
  }

  /// The port in use.
  public var port: Int { Int(listener.endpoint.port) }

  /// The address in use for clients on this machine, as HOST:PORT.
  public var address: String { listener.endpoint.forThisMachine.description }

  /// The port of HTTP in use; nil where there is none, or not yet.
  public var httpPort: Int? { state.locked { web?.port } }

  /// Takes up unfinished jobs and begins to accept connections; returns at once.
  public func start() throws(CoordinatorError) {
    state.lock()
    let again = started
    started = true
    state.unlock()
    if again { return }
    publishAddress()
    try core.resume()
    webhooks.start()
    listener.start { [self] in
      Arrival(log: strangers) { [self] (hello, channel) in
        desk.async { [self] in receive(hello, on: channel) }
      }
    }
    if let access = configuration.http {
      let server = try WebServer(access, core: core, tokens: tokens)
      state.locked { web = server }
    }
    spawn("clock") { [self] in
      while !isStopping {
        core.tick()
        strangers.tick()
        if unpublished.withLock({ $0 }) { publishAddress() }
        state.locked { web }?.tick()
        pause(1)
      }
    }
    if let warning = core.descriptors.warning { configuration.log(.warning(LogEntry(warning))) }
    configuration.log("listening on \(listener.endpoint)")
    if tokens.address != listener.endpoint {
      let chosen = configuration.advertisedAddress == nil ? "; --advertise names another" : ""
      configuration.log("tokens carry \(tokens.address)\(chosen)")
    }
  }

  /// Writes down where clients on this machine find the coordinator. A full disk must not keep it from starting, or those who
  /// could make room from being told: what cannot be written now is tried again.
  private func publishAddress() {
    do throws(CoordinatorError) {
      try HomeFolder.write(Array((address + "\n").utf8), to: home.address)
      let wasDue = unpublished.withLock { value in
        defer { value = false }
        return value
      }
      if wasDue {
        configuration.log("wrote \(home.address.path)")
      }
    } catch {
      let isFirst = unpublished.withLock { value in
        defer { value = true }
        return !value
      }
      if isFirst {
        configuration.log(
          .error(
            "clients on this machine need --coordinator \(address) until this can be written: \(error)"
          ))
      }
    }
  }

  /// Whether a worker of this name was admitted since a time of the wall clock.
  func hasSeen(worker name: String, since time: Double) -> Bool {
    guard let members = try? core.store.members(.worker) else { return false }
    return members.contains { $0.name == name && $0.lastSeen >= time }
  }

  /// Transactions of the database since it was opened.
  package var databaseTurns: Int { core.store.turns }

  /// Starts and serves until `stop` is called from another thread.
  public func run() throws(CoordinatorError) {
    try start()
    state.lock()
    while !stopped { state.wait() }
    state.unlock()
  }

  /// Takes over what may change while it runs: limits of owners, and how long ended jobs are kept. All else stays as it was.
  public func reconfigure(_ new: CoordinatorConfiguration) {
    core.reconfigure(
      Core.Retention(limits: new.limits, keepJobsSeconds: new.keepJobsSeconds))
    configuration.log("options read again: limits of owners, and how long jobs are kept")
  }

  /// True as soon as the node's state can be looked at; a node that hangs never answers.
  public var isAlive: Bool { core.locked { true } }

  /// Removes the file with the address from the home folder: nobody answers there any more.
  public func withdrawAddress() { unlink(home.address.path) }

  /// Says goodbye on all connections and ends them; unfinished jobs go on when the coordinator starts again.
  public func stop() {
    state.lock()
    let first = !stopping
    stopping = true
    state.broadcast()
    state.unlock()
    if !first { return }
    withdrawAddress()
    listener.close()
    state.locked { web }?.stop()
    let sessions = core.clients.close()
    let workers = core.stop()
    for session in sessions { session.end() }
    webhooks.stop()
    let deadline = MonotonicCondition.uptime + Self.farewell
    while MonotonicCondition.uptime < deadline,
      workers.contains(where: \.isOpen) || sessions.contains(where: \.isOpen)
    {
      usleep(10_000)
    }
    core.store.settle()
    lock.release()
    state.locked {
      stopped = true
      state.broadcast()
    }
  }

  /// Makes a join token, or with `bearer` a program's token for HTTP, good for `lifetime` seconds and so many keys; nil: one, and
  /// 1,024 workers.
  public func createToken(
    role: TokenRole, lifetime: Double, uses: Int? = nil, bearer: String? = nil
  ) throws(CoordinatorError) -> String {
    try tokens.create(
      TokenRequest(role: role, lifetime: lifetime, address: nil, uses: uses, bearer: bearer),
      at: Core.wallClock
    ).text
  }

  private var isStopping: Bool {
    state.lock()
    defer { state.unlock() }
    return stopping
  }

  private func pause(_ seconds: Double) {
    state.lock()
    if !stopping { _ = state.wait(seconds: seconds) }
    state.unlock()
  }

  private func spawn(_ name: String, _ body: @escaping @Sendable () -> Void) {
    let thread = Thread(block: body)
    thread.name = name
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// What keeps a known member out now; nil: nothing.
  private func obstacle(
    to member: MemberRecord, _ hello: Hello, from address: String
  ) -> Admission.Refusal? {
    if member.role == .worker {
      let connected = core.locked { core.sessions }
      if connected[member.id] == nil, connected.count >= core.descriptors.workers {
        return Admission.Refusal(
          code: .unavailable,
          text:
            "\(connected.count) workers are connected, as many as this coordinator has descriptors for"
        )
      }
      return core.obstacle(
        to: member, hello, from: address, heartbeatSeconds: configuration.heartbeatSeconds)
    }
    return core.clients.obstacle(to: member.account).map {
      Admission.Refusal(code: .unavailable, text: $0)
    }
  }

  /// Decides about a peer that introduced itself on a paused channel.
  private func receive(_ hello: Hello, on channel: PeerChannel) {
    guard let key = channel.peer else { return }
    let verdict = admission.decide(
      hello, key: key, from: channel.remoteAddress, at: Core.wallClock
    ) { [self] in obstacle(to: $0, hello, from: channel.remoteAddress) }
    switch verdict {
    case .failure(let refusal):
      channel.finish(saying: .refused(refusal.code, text: refusal.text))
    case .success(let member):
      channel.post(admission.welcome(member))
      if member.role == .worker {
        welcome(WorkerSession(member, hello, channel, core: core), on: channel)
      } else {
        let caller = Caller(member: member, address: channel.remoteAddress)
        welcome(ClientSession(channel, caller, core: core, tokens: tokens), on: channel)
      }
    }
  }

  private func welcome(_ session: WorkerSession, on channel: PeerChannel) {
    core.joined(session)
    guard channel.admit(as: .worker, artifacts: core.artifacts, handler: session) else {
      return core.left(session, reason: "it hung up at once")
    }
    channel.resume()
  }

  private func welcome(_ session: ClientSession, on channel: PeerChannel) {
    guard core.clients.add(session) else { return session.end() }
    guard channel.admit(as: .client, artifacts: core.artifacts, handler: session) else {
      return core.clients.remove(session)
    }
    channel.resume()
  }
}

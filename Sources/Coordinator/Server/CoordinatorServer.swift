import Foundation
import Wire

/// The coordinator: listens, admits workers and clients, and works on jobs until it is stopped.
public final class CoordinatorServer: @unchecked Sendable {
  private let configuration: CoordinatorConfiguration
  private let lock: HomeLock
  private let listener: Listener
  private let core: Core
  private let tokens: TokenDesk
  private let admission: Admission
  private let home: HomeFolder
  /// Seconds that peers have to take the goodbye.
  private static let farewell = 2.0
  // `stopping`, `stopped` and `started` are touched only under `state`.
  private let state = MonotonicCondition()
  private var stopping = false
  private var stopped = false
  private var started = false

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
          threads: configuration.threads))
    }
  }

  /// The same with another engine.
  package init(
    _ configuration: CoordinatorConfiguration,
    engine: (HomeFolder, ArtifactStore) throws(CoordinatorError) -> any JobEngine
  ) throws(CoordinatorError) {
    self.configuration = configuration
    home = HomeFolder(configuration.home, parameters: configuration.parameters)
    try home.create()
    lock = try home.lock()
    // What planning processes of an earlier coordinator left behind.
    try? FileManager.default.removeItem(at: IsolatedEngine.folders(home))
    let store = try Store(path: home.database.path)
    guard let port = UInt16(exactly: configuration.listenPort) else {
      throw .badAddress("\(configuration.listenHost):\(configuration.listenPort)")
    }
    let artifacts: ArtifactStore
    let identity: StaticKey
    let admin: StaticKey
    let advertised: Endpoint
    do {
      artifacts = try ArtifactStore(directory: home.artifacts.path)
      identity = try StaticKey.loadOrCreate(at: home.coordinatorKey.path)
      admin = try StaticKey.loadOrCreate(at: home.adminKey.path)
      listener = try Listener(
        on: Endpoint(host: configuration.listenHost, port: port), identity: identity)
      advertised =
        try configuration.advertisedAddress.map { (text) throws(WireError) in
          try Endpoint(parsing: text)
        } ?? listener.endpoint
    } catch {
      throw CoordinatorError(error)
    }
    try store.enrol(
      MemberRecord(
        id: Admission.id(of: admin.publicKey), key: admin.publicKey.bytes, role: .admin,
        name: "admin", threads: 1, memoryBytes: 0, enrolled: 0, lastSeen: 0), at: Core.wallClock)
    core = Core(
      store: store, artifacts: artifacts, engine: try engine(home, artifacts),
      leaseSeconds: configuration.leaseSeconds, log: configuration.log)
    tokens = TokenDesk(store: store, coordinator: identity.fingerprint, address: advertised)
    admission = Admission(
      store: store, audit: { [core] in core.audit($0) },
      heartbeatSeconds: configuration.heartbeatSeconds,
      leaseSeconds: configuration.leaseSeconds)
  }

  /// The port in use.
  public var port: Int { Int(listener.endpoint.port) }

  /// The address in use, as HOST:PORT.
  public var address: String { listener.endpoint.description }

  /// Takes up unfinished jobs and begins to accept connections; returns at once.
  public func start() throws(CoordinatorError) {
    state.lock()
    let again = started
    started = true
    state.unlock()
    if again { return }
    try HomeFolder.write(Array((address + "\n").utf8), to: home.address)
    try core.resume()
    spawn("accept") { [self] in accept() }
    spawn("clock") { [self] in
      while !isStopping {
        core.tick()
        pause(1)
      }
    }
    configuration.log("listening on \(address)")
  }

  /// Starts and serves until `stop` is called from another thread.
  public func run() throws(CoordinatorError) {
    try start()
    state.lock()
    while !stopped { state.wait() }
    state.unlock()
  }

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
    let sessions = core.clients.close()
    let workers = core.stop()
    for session in sessions { session.end() }
    let deadline = MonotonicCondition.uptime + Self.farewell
    for session in workers { session.waitForEnd(until: deadline) }
    for session in sessions { session.waitForEnd(until: deadline) }
    lock.release()
    state.locked {
      stopped = true
      state.broadcast()
    }
  }

  /// Makes a join token, good for `lifetime` seconds and so many keys; nil: any number.
  public func createToken(
    role: TokenRole, lifetime: Double, uses: Int? = nil
  ) throws(CoordinatorError) -> String {
    try tokens.create(
      TokenRequest(role: role, lifetime: lifetime, address: nil, uses: uses), at: Core.wallClock
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

  private func accept() {
    while !isStopping {
      do throws(WireError) {
        let pending = try listener.accept()
        spawn("connection") { [self] in serve(pending) }
      } catch {
        if isStopping { return }
        // Out of descriptors, most likely: wait for connections to end instead of spinning.
        configuration.log("cannot accept a connection: \(error.description)")
        pause(1)
      }
    }
  }

  private func serve(_ pending: PendingConnection) {
    let connection: SecureConnection
    let member: MemberRecord
    do throws(WireError) {
      connection = try pending.handshake()
      let admitted = try admission.admit(connection, at: Core.wallClock) { [core] (member, _) in
        guard member.role != .worker, let text = core.clients.obstacle(to: member.id) else {
          return nil
        }
        return Admission.Refusal(code: .unavailable, text: text)
      }
      guard let admitted else { return }
      member = admitted.member
    } catch {
      configuration.log("\(pending.remoteAddress) was turned away: \(error.description)")
      return
    }
    switch member.role {
    case .worker:
      let session = WorkerSession(member, connection, artifacts: core.artifacts)
      core.joined(session)
      core.left(session, reason: session.read(into: core))
    case .viewer, .client, .operator, .admin:
      let caller = Caller(member: member, address: connection.remoteAddress)
      let session = ClientSession(connection, caller, core: core, tokens: tokens)
      guard core.clients.add(session) else { return session.end() }
      session.read()
      core.clients.remove(session)
    }
  }
}

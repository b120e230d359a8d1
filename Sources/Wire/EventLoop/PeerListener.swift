import Glibc
import Synchronization

/// Accepts connections for event loops: a few threads serve however many peers.
package final class PeerListener: LoopHandler {
  /// The address in use, with the port that the system chose where 0 was asked for.
  package let endpoint: Endpoint
  private let socket: Socket
  private let identity: StaticKey
  private let limits: WireLimits
  private let limiter: ConnectionLimiter
  private let loops: [EventLoop]
  private let report: @Sendable (String) -> Void
  private struct State {
    var handler: (@Sendable () -> any PeerHandler)?
    var next = 0
    var token: UInt64?
    var turnedAway: [String: Int] = [:]
    var reported = ContinuousClock.now
    var isResting = false
  }
  private let state = Mutex(State())

  /// Listens on HOST:PORT; nothing is accepted before `start`.
  ///
  /// - Parameters:
  ///   - loops: how many threads serve the peers.
  ///   - report: gets lines for the log about peers that are turned away unheard, every ten seconds at most.
  package init(
    on endpoint: Endpoint, identity: StaticKey, limits: WireLimits = .standard, loops: Int = 2,
    report: @escaping @Sendable (String) -> Void
  ) throws(WireError) {
    socket = try Socket.listen(on: endpoint)
    let port = socket.address(remote: false)?.port ?? endpoint.port
    self.endpoint = Endpoint(host: endpoint.host, port: port)
    self.identity = identity
    self.limits = limits
    self.report = report
    limiter = ConnectionLimiter(limit: limits.maximumUnauthenticatedConnections)
    var list: [EventLoop] = []
    for _ in 0..<max(1, loops) { list.append(try EventLoop()) }
    self.loops = list
  }

  deinit { for loop in loops { loop.stop() } }

  /// Begins to accept; `handler` makes who is told what happens on a channel before its peer is admitted.
  package func start(handler: @escaping @Sendable () -> any PeerHandler) {
    loops[0].post { [self] loop in
      let token = loop.add(socket.number, self, reads: true)
      state.withLock { state in
        state.handler = handler
        state.token = token
      }
    }
  }

  /// Stops listening; channels that are open stay so.
  package func close() {
    loops[0].post { [self] loop in
      let token = state.withLock { state in
        defer {
          state.token = nil
          // It holds whoever listens.
          state.handler = nil
        }
        return state.token
      }
      if let token { loop.forget(socket.number, token) }
      socket.shutDown()
    }
  }

  func ready(_ loop: EventLoop, isBroken: Bool) {
    for _ in 0..<64 {
      let accepted: Socket
      do throws(WireError) {
        guard let next = try socket.acceptNow() else { return }
        accepted = next
      } catch {
        // Out of descriptors, most likely: connections that end make room; until then nobody spins.
        note("nobody", "cannot accept a connection: \(error)")
        return rest(loop, true)
      }
      let address = accepted.address(remote: true)
      guard let slot = limiter.acquire(from: address?.host ?? "") else {
        note(address?.host ?? "unknown", nil)
        accepted.shutDown()
        continue
      }
      let (target, handler) = state.withLock { state in
        state.next = (state.next + 1) % loops.count
        return (loops[state.next], state.handler)
      }
      guard let handler else { continue }
      let channel = PeerChannel(
        socket: accepted, address: address, loop: target, identity: identity, limits: limits,
        slot: slot, handler: handler())
      target.post { channel.begin($0) }
    }
  }

  func tick(_ loop: EventLoop, at now: ContinuousClock.Instant) {
    if state.withLock({ $0.isResting }) { rest(loop, false) }
    let counts: [String: Int] = state.withLock { state in
      guard !state.turnedAway.isEmpty, now - state.reported > .seconds(10) else { return [:] }
      defer {
        state.turnedAway = [:]
        state.reported = now
      }
      return state.turnedAway
    }
    for (host, count) in counts.sorted(by: { $0.value > $1.value }).prefix(5) {
      report(
        "\(count) connections from \(host) were turned away: too many that did not finish their handshake"
      )
    }
  }

  private func rest(_ loop: EventLoop, _ resting: Bool) {
    state.withLock { state in
      state.isResting = resting
      if let token = state.token {
        loop.watch(socket.number, token, reads: !resting, writes: false)
      }
    }
  }

  private func note(_ host: String, _ line: String?) {
    if let line { return report(line) }
    state.withLock { state in
      // Many addresses are one attack: they are counted together.
      let key = state.turnedAway.count < 1000 ? host : "many addresses"
      state.turnedAway[key, default: 0] += 1
    }
  }
}

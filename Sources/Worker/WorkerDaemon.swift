import Foundation
import Logging
import Synchronization
import Wire

/// A worker: connects, serves, reconnects with back-off, and ends when drained or refused.
package final class WorkerDaemon: @unchecked Sendable {
  private let configuration: WorkerConfiguration
  private let home: WorkerHome
  private let factory: any TaskFactory
  private let tamper: ShareTamper?
  /// Tells this process from one with a copy of its home folder.
  private let instance = UInt64.random(in: 1...UInt64.max)
  private let condition = MonotonicCondition()
  // Touched only under `condition`.
  private var session: WorkerSession?
  private var isDraining = false
  /// Since when another node with this key has been connected, on the monotonic clock; touched only by `run`.
  private var duplicateSince: Double?

  /// A worker with its own way to work, on a home that is open already.
  package init(
    _ configuration: WorkerConfiguration, home: WorkerHome, factory: any TaskFactory,
    tamper: ShareTamper? = nil
  ) {
    self.configuration = configuration
    self.home = home
    self.factory = factory
    self.tamper = tamper
  }

  /// Serves until drained; throws where no further attempt can succeed.
  package func run() throws(WorkerError) {
    var state = WorkerState()
    var backoff = Backoff()
    var generator = SystemRandomNumberGenerator()
    while true {
      condition.lock()
      let ending = isDraining
      condition.unlock()
      if ending { return }
      do throws(Setback) {
        let ended = try attempt(state, joined: { backoff.reset() })
        if ended.final { return }
        state = ended.state
        configuration.log(.warning("disconnected: \(ended.reason)"))
      } catch {
        switch error {
        case .final(let error): throw error
        case .temporary(let reason):
          configuration.log(.warning("\(configuration.address): \(reason)"))
        }
      }
      pause(seconds: backoff.wait(using: &generator))
    }
  }

  /// Finishes what is held, says goodbye and lets `run` return; may be called from any thread.
  package func drain() {
    condition.lock()
    isDraining = true
    let session = session
    condition.broadcast()
    condition.unlock()
    session?.handle(.drainRequested)
  }

  /// Says goodbye without finishing anything, in a second at most: the process is about to end.
  package func leave() {
    guard let session = condition.locked({ session }) else { return }
    let said = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      session.leave()
      said.signal()
    }
    _ = said.wait(timeout: .now() + 1)
  }

  /// Why an attempt to connect failed.
  private enum Setback: Error {
    case temporary(String)
    case final(WorkerError)
  }

  private func attempt(
    _ state: WorkerState, joined: () -> Void
  ) throws(Setback) -> (state: WorkerState, final: Bool, reason: String) {
    let connection: SecureConnection
    let expected = try expectation()
    do throws(WireError) {
      connection = try SecureConnection.connect(
        to: configuration.address, identity: home.identity, expecting: expected)
    } catch {
      throw judge(error)
    }
    defer { connection.close() }
    let welcome = try introduce(on: connection)
    joined()
    do throws(WorkerError) {
      try home.remember(connection.peer, at: configuration.address)
    } catch {
      throw .final(error)
    }
    configuration.log("joined \(configuration.address) as \(worker: welcome.workerID)")
    let session = WorkerSession(
      connection, state: state, home: home, factory: factory, tamper: tamper,
      log: configuration.log)
    session.begin()
    condition.lock()
    self.session = session
    let draining = isDraining
    condition.unlock()
    if draining { session.handle(.drainRequested) }
    let ended = session.serve(welcome)
    condition.lock()
    self.session = nil
    condition.unlock()
    return ended
  }

  /// Which coordinator to accept: the one the token names, else the one remembered.
  private func expectation() throws(Setback) -> PeerExpectation {
    if let token = configuration.token { return .fingerprint(token.coordinator) }
    do throws(WorkerError) {
      if let known = try home.coordinator(at: configuration.address) { return .publicKey(known) }
    } catch {
      throw .final(error)
    }
    throw .final(.tokenNeeded(address: configuration.address.description))
  }

  private func introduce(on connection: SecureConnection) throws(Setback) -> Welcome {
    let hello = Hello(
      productVersion: WorkerConfiguration.productVersion, role: .worker, name: configuration.name,
      threads: configuration.threads, memoryBytes: configuration.memory.forTasks,
      instance: instance, token: configuration.token?.secret)
    let answer: Message
    do throws(WireError) {
      try connection.send(.hello(hello))
      answer = try connection.receive(timeout: Self.welcomePatience)
    } catch {
      throw judge(error)
    }
    switch answer {
    case .welcome(let welcome):
      duplicateSince = nil
      return welcome
    case .refused(.unavailable, let text): throw .temporary(text)
    case .refused(.duplicate, let text):
      // A connection of this machine's own, from before it lost power, is forgotten in this time.
      let since = duplicateSince ?? MonotonicCondition.uptime
      duplicateSince = since
      guard MonotonicCondition.uptime - since > Self.duplicatePatience else {
        throw .temporary(text)
      }
      throw .final(.refused(.duplicate, text: text))
    case .refused(let code, let text): throw .final(.refused(code, text: text))
    default: throw .final(.incompatible("the coordinator answered with a \(answer)"))
    }
  }

  private func judge(_ error: WireError) -> Setback {
    switch error {
    case .wrongPeerKey:
      .final(.wrongCoordinator(address: configuration.address.description))
    case .notThisProtocol, .unsupportedTransport, .unsupportedProtocol:
      .final(.incompatible("\(configuration.address): \(error.description)"))
    case .handshakeFailed(.hungUp):
      .temporary("\(error.description); is it of another version, or busy?")
    default: .temporary(error.description)
    }
  }

  private func pause(seconds: Double) {
    configuration.log("trying again in \(seconds: max(1, seconds.rounded()))")
    let deadline = MonotonicCondition.uptime + seconds
    condition.lock()
    while !isDraining, condition.wait(untilUptime: deadline) {}
    condition.unlock()
  }

  /// Seconds for which another node with this key may still be this one's past.
  private static let duplicatePatience = 20.0
  /// Time for the coordinator to answer the hello.
  private static let welcomePatience = Duration.seconds(30)
}

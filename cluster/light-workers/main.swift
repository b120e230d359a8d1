import Foundation
import Synchronization
import Wire
import Worker

// Many workers in one process that do nothing but stay connected: real handshakes, real heartbeats, keys of their own.
// For scenarios and measurements; they refuse every task.
//
// usage: light-workers COUNT SECONDS < TOKEN

/// How many are connected, and how often they had to connect again.
private let live = Mutex((count: 0, joins: 0))

/// One worker's connection, or the time of its next attempt.
private final class LightWorker {
  private let identity = StaticKey.generate()
  private let instance = UInt64.random(in: 1...UInt64.max)
  private let token: JoinToken
  private let name: String
  private var connection: SecureConnection?
  private var backoff = Backoff()
  private var next = 0.0
  private var heartbeat = 3.0

  init(_ token: JoinToken, name: String) {
    self.token = token
    self.name = name
  }

  /// Does what is due: connects where it may, beats, reads what has come; returns whether it connected.
  func attend(at now: Double, mayJoin: Bool) -> Bool {
    guard let connection else {
      guard mayJoin && now >= next else { return false }
      join(at: now)
      return true
    }
    do {
      if now >= next {
        try connection.send(.heartbeat)
        next = now + heartbeat
      }
      while true {
        switch try connection.receive(timeout: .zero) {
        case .assign(let task, _):
          try connection.send(
            .failed(
              taskID: task, TaskFailure(code: "busy", text: "a light worker", retryable: true)))
        case .goodbye, .refused: throw WireError.closedByPeer
        default: break
        }
      }
    } catch WireError.timedOut(.receive) {
      return false
    } catch {
      connection.close()
      self.connection = nil
      live.withLock { $0.count -= 1 }
      later(now)
    }
    return false
  }

  private func join(at now: Double) {
    do {
      let fresh = try SecureConnection.connect(
        to: token.address, identity: identity, expecting: .fingerprint(token.coordinator))
      try fresh.send(
        .hello(
          Hello(
            productVersion: WorkerConfiguration.productVersion, role: .worker, name: name,
            threads: 1, memoryBytes: 1 << 30, instance: instance, token: token.secret)))
      guard case .welcome(let welcome) = try fresh.receive(timeout: .seconds(30)) else {
        throw WireError.closedByPeer
      }
      connection = fresh
      heartbeat = Double(welcome.heartbeatSeconds)
      next = now + Double.random(in: 0...heartbeat)
      backoff.reset()
      live.withLock { state in
        state.count += 1
        state.joins += 1
      }
    } catch {
      later(now)
    }
  }

  private func later(_ now: Double) {
    var generator = SystemRandomNumberGenerator()
    next = now + backoff.wait(using: &generator)
  }
}

guard CommandLine.arguments.count == 3, let count = Int(CommandLine.arguments[1]),
  let seconds = Double(CommandLine.arguments[2]), let line = readLine(),
  let token = try? JoinToken(parsing: line)
else {
  print("usage: light-workers COUNT SECONDS < TOKEN")
  exit(2)
}
DescriptorLimit.raise()
private let threads = 4
private let end = MonotonicCondition.uptime + seconds
for number in 0..<threads {
  Thread.detachNewThread {
    let own = (0..<count).filter { $0 % threads == number }.map {
      LightWorker(token, name: "light-\($0)")
    }
    while true {
      // Joining takes long where many do: those that have joined must not fall silent meanwhile.
      var joining = 0.0
      for worker in own {
        let now = MonotonicCondition.uptime
        if worker.attend(at: now, mayJoin: joining < 0.5) {
          joining += MonotonicCondition.uptime - now
        }
      }
      usleep(100_000)
    }
  }
}
var last = -1
while MonotonicCondition.uptime < end {
  let (now, joins) = live.withLock { $0 }
  if now != last { print("live \(now) joins \(joins)") }
  fflush(nil)
  last = now
  usleep(100_000)
}

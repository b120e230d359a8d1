import CEpoll
import Glibc
import Synchronization

/// Something with a descriptor that an event loop watches. All calls come from the loop's thread.
protocol LoopHandler: AnyObject, Sendable {
  /// The descriptor may be read from or written to, or is broken in both directions.
  func ready(_ loop: EventLoop, isBroken: Bool)
  /// Time has passed; called about once a second.
  func tick(_ loop: EventLoop, at now: ContinuousClock.Instant)
}

/// One thread that waits for many descriptors at once (epoll) and calls their handlers.
///
/// Handlers never wait for anybody: a slow one would hold up all others of its loop.
package final class EventLoop: Sendable {
  /// Milliseconds between two ticks.
  private static let tickMilliseconds: Int32 = 1000

  private struct State {
    var handlers: [UInt64: any LoopHandler] = [:]
    var jobs: [@Sendable (EventLoop) -> Void] = []
    var nextToken: UInt64 = 1
    var isStopped = false
  }

  private let poller: Int32
  private let waker: Int32
  private let state = Mutex(State())

  /// Starts the thread.
  ///
  /// - Throws: `connectionLost` where the system has no descriptors left.
  package init() throws(WireError) {
    poller = epoll_create1(ezkl_epoll_cloexec)
    waker = eventfd(0, ezkl_eventfd_flags)
    guard poller >= 0, waker >= 0 else { throw .connectionLost(reason: SystemError.text()) }
    var event = epoll_event()
    event.events = ezkl_epoll_in
    event.data.u64 = 0
    epoll_ctl(poller, EPOLL_CTL_ADD, waker, &event)
    Self.startThread { [self] in run() }
  }

  deinit {
    close(poller)
    close(waker)
  }

  /// Ends the thread after what it is doing.
  package func stop() {
    state.withLock { $0.isStopped = true }
    wake()
  }

  /// Runs something on the loop's thread, soon.
  func post(_ job: @escaping @Sendable (EventLoop) -> Void) {
    let isFirst = state.withLock { state in
      state.jobs.append(job)
      return state.jobs.count == 1
    }
    if isFirst { wake() }
  }

  /// Watches a descriptor; returns the token for `watch` and `forget`. Nil where the system refuses.
  func add(_ descriptor: Int32, _ handler: any LoopHandler, reads: Bool) -> UInt64? {
    let token = state.withLock { state in
      defer { state.nextToken += 1 }
      state.handlers[state.nextToken] = handler
      return state.nextToken
    }
    var event = Self.event(token, reads: reads, writes: false)
    if epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event) == 0 { return token }
    state.withLock { _ = $0.handlers.removeValue(forKey: token) }
    return nil
  }

  /// Chooses what a descriptor is watched for; that it is broken is always told.
  func watch(_ descriptor: Int32, _ token: UInt64, reads: Bool, writes: Bool) {
    var event = Self.event(token, reads: reads, writes: writes)
    epoll_ctl(poller, EPOLL_CTL_MOD, descriptor, &event)
  }

  /// Watches a descriptor no more.
  func forget(_ descriptor: Int32, _ token: UInt64) {
    epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, nil)
    state.withLock { _ = $0.handlers.removeValue(forKey: token) }
  }

  private static func event(_ token: UInt64, reads: Bool, writes: Bool) -> epoll_event {
    var event = epoll_event()
    event.events = (reads ? ezkl_epoll_in : 0) | (writes ? ezkl_epoll_out : 0)
    event.data.u64 = token
    return event
  }

  private func wake() {
    var one: UInt64 = 1
    write(waker, &one, 8)
  }

  private func run() {
    var events = [epoll_event](repeating: epoll_event(), count: 256)
    var nextTick = ContinuousClock.now
    while true {
      let count = epoll_wait(poller, &events, Int32(events.count), Self.tickMilliseconds)
      for event in events.prefix(max(0, Int(count))) {
        if event.data.u64 == 0 {
          var value: UInt64 = 0
          read(waker, &value, 8)
          continue
        }
        // A handler that an earlier one of this batch closed is not there any more.
        let isBroken = event.events & ezkl_epoll_broken != 0
        state.withLock { $0.handlers[event.data.u64] }?.ready(self, isBroken: isBroken)
      }
      let jobs = state.withLock { state in
        defer { state.jobs = [] }
        return state.jobs
      }
      for job in jobs { job(self) }
      let now = ContinuousClock.now
      if now >= nextTick {
        nextTick = now + .milliseconds(Int(Self.tickMilliseconds))
        for handler in state.withLock({ Array($0.handlers.values) }) { handler.tick(self, at: now) }
      }
      if state.withLock({ $0.isStopped && $0.jobs.isEmpty }) { break }
    }
    // Handlers hold their loop.
    let left = state.withLock { state in
      defer { state.handlers = [:] }
      return state.handlers
    }
    _ = left
  }

  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  private static func startThread(_ run: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(Body(run)).toOpaque()
    let status = pthread_create(
      &thread, nil,
      { raw in
        Unmanaged<Body>.fromOpaque(raw!).takeRetainedValue().run()
        return nil
      }, body)
    precondition(status == 0, "no thread for an event loop")
    pthread_detach(thread)
  }
}

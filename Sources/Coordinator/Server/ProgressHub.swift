import Dispatch
import Foundation
import Synchronization

/// Those who follow jobs, and what they are told.
///
/// A job only leaves its latest event here. On a queue of the hub's own the event is encoded, once for all who follow the job,
/// and handed to those who are ready for it. The more there are, the more seldom: jobs, and others who follow them, do not
/// notice how many.
package final class ProgressHub: Sendable {
  /// An event as it is told to everybody, and after the last one of a job its summary.
  package struct Telling: Sendable {
    package let event: [UInt8]
    package let summary: Result<[UInt8], CoordinatorError>?
  }

  /// Somebody who follows a job.
  package struct Follower: Sendable {
    let isReady: @Sendable () -> Bool
    let summary: @Sendable () -> Result<[UInt8], CoordinatorError>
    let tell: @Sendable (Telling) -> Void

    /// `isReady`: whether it would take an event now; `summary`: the job's, asked of one of those who are told its end;
    /// `tell`: gets what is published. All are called from the hub's queue.
    package init(
      isReady: @escaping @Sendable () -> Bool,
      summary: @escaping @Sendable () -> Result<[UInt8], CoordinatorError>,
      tell: @escaping @Sendable (Telling) -> Void
    ) {
      self.isReady = isReady
      self.summary = summary
      self.tell = tell
    }
  }

  private struct Inbox {
    /// The latest event of each job that has not been taken over.
    var events: [JobID: ProgressEvent] = [:]
    var isScheduled = false
    /// When the next events may be told.
    var rest = DispatchTime(uptimeNanoseconds: 0)
  }

  private struct State {
    var book: FollowBook
    var followers: [UInt64: Follower] = [:]
  }

  /// Microseconds of rest for each event that was told: twenty thousand a second at most.
  private static let restPerEvent = 50

  private let queue = DispatchQueue(label: "progress", qos: .utility)
  private let encode: @Sendable (ProgressEvent) -> [UInt8]
  // What jobs touch, for a moment only.
  private let inbox = Mutex(Inbox())
  private let state: Mutex<State>
  private let watchers = Mutex<[@Sendable (ProgressEvent) -> Void]>([])

  /// Nobody follows anything.
  package init(
    limits: FollowBook.Limits = FollowBook.Limits(),
    encode: @escaping @Sendable (ProgressEvent) -> [UInt8] = { Array(Store.encode($0).utf8) }
  ) {
    self.encode = encode
    state = Mutex(State(book: FollowBook(limits: limits)))
  }

  /// Tells those who follow a job, soon; never waits for them.
  package func publish(_ event: ProgressEvent) {
    for watcher in watchers.withLock({ $0 }) { watcher(event) }
    inbox.withLock { $0.events[event.job] = event }
    schedule()
  }

  /// Follows all jobs for good. Watchers are called from the jobs' queues, and return at once.
  package func watch(_ watcher: @escaping @Sendable (ProgressEvent) -> Void) {
    watchers.withLock { $0.append(watcher) }
  }

  /// Follows a job until its end, `remove`, or the end of the connection.
  package func add(
    _ follower: Follower, to job: JobID, connection: UInt64, client: String
  ) throws(CoordinatorError) -> UInt64 {
    try state.withLock { (state) throws(CoordinatorError) in
      let id = try state.book.add(job, connection: connection, client: client)
      state.followers[id] = follower
      return id
    }
  }

  /// Has those who follow a job told where it stands, unless they know more already.
  package func begin(with event: ProgressEvent) {
    state.withLock { $0.book.begin(with: event) }
    schedule()
  }

  /// Stops following; false where the end of the job has been told, or is about to be.
  package func remove(_ id: UInt64) -> Bool {
    state.withLock { state in
      state.followers[id] = nil
      return state.book.remove(id)
    }
  }

  /// A connection ended: it follows nothing any more.
  package func leave(_ connection: UInt64) {
    state.withLock { state in
      for id in state.book.leave(connection) { state.followers[id] = nil }
    }
  }

  /// To be called about once a second: those who were not ready are asked again.
  package func tick() {
    if state.withLock({ $0.book.retry() }) { schedule() }
  }

  /// Jobs that are followed, each as often as it is.
  package var count: Int { state.withLock { $0.book.count } }

  private func schedule() {
    let start: DispatchTime? = inbox.withLock { inbox in
      defer { inbox.isScheduled = true }
      return inbox.isScheduled ? nil : inbox.rest
    }
    guard let start else { return }
    queue.asyncAfter(deadline: start) { [weak self] in self?.deliver() }
  }

  /// Tells whatever has to be told; on the queue.
  private func deliver() {
    let events = inbox.withLock { inbox in
      defer { (inbox.events, inbox.isScheduled) = ([:], false) }
      return Array(inbox.events.values)
    }
    state.withLock { state in
      for event in events { state.book.note(event) }
    }
    var told = 0
    while let (round, followers) = next() {
      tell(round, followers)
      told += followers.count
    }
    inbox.withLock { $0.rest = .now() + .microseconds(told * Self.restPerEvent) }
  }

  private func next() -> (FollowBook.Round, [(id: UInt64, follower: Follower)])? {
    state.withLock { state in
      guard let round = state.book.next() else { return nil }
      return (round, round.follows.compactMap { id in state.followers[id].map { (id, $0) } })
    }
  }

  private func tell(_ round: FollowBook.Round, _ followers: [(id: UInt64, follower: Follower)]) {
    var (ready, late): ([(id: UInt64, follower: Follower)], [UInt64]) = ([], [])
    for entry in followers {
      if entry.follower.isReady() { ready.append(entry) } else { late.append(entry.id) }
    }
    state.withLock { [late] state in
      for id in late { state.book.missed(id) }
    }
    guard let first = ready.first else { return }
    let isFinal = round.event.stage.isFinal
    let telling = Telling(
      event: encode(round.event), summary: isFinal ? first.follower.summary() : nil)
    for (id, follower) in ready {
      follower.tell(telling)
      if isFinal { _ = remove(id) }
    }
  }
}

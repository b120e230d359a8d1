/// Who follows which jobs, and who has not been told the latest yet. Pure.
///
/// Of each job only the latest event is kept: who was not ready for those before it is never told them. A follow ends with the
/// job's last event, or with its connection.
package struct FollowBook: Sendable {
  /// How many jobs may be followed at a time.
  package struct Limits: Sendable {
    /// By one connection.
    package var perConnection = 256
    /// By one client, over all its connections.
    package var perClient = 1024
    /// By all clients.
    package var all = 8192
    /// How many of those are for clients that follow few jobs.
    package var kept = 2048
    /// What is few.
    package var few = 16

    /// The defaults.
    package init() {}
  }

  /// A job's latest event, and those who have to be told.
  package struct Round: Sendable {
    package let event: ProgressEvent
    package let follows: [UInt64]
  }

  private struct Follow {
    let job: JobID
    let connection: UInt64
    let client: String
    /// The event that it was told last, by its number; 0 before the first.
    var told = 0
  }

  private struct Subject {
    var latest: ProgressEvent?
    /// The number of the latest event.
    var number = 0
    var follows: Set<UInt64> = []
  }

  private let limits: Limits
  private var follows: [UInt64: Follow] = [:]
  private var subjects: [JobID: Subject] = [:]
  private var connections: [UInt64: Set<UInt64>] = [:]
  private var clients: [String: Int] = [:]
  /// Jobs with an event that somebody has to be told, oldest first; those that are there are in `isDue` too.
  private var due: [JobID] = []
  private var isDue: Set<JobID> = []
  /// Jobs with somebody who was not ready for the latest event.
  private var behind: Set<JobID> = []
  private var lastID: UInt64 = 0

  /// Nobody follows anything.
  package init(limits: Limits = Limits()) { self.limits = limits }

  /// Jobs that are followed, each as often as it is.
  package var count: Int { follows.count }

  /// A client follows a job; it is told the latest event that is known of it, and all that come.
  ///
  /// - Throws: `tooMany` where the connection, the client, or all of them follow as many jobs as they may.
  package mutating func add(
    _ job: JobID, connection: UInt64, client: String
  ) throws(CoordinatorError) -> UInt64 {
    if (connections[connection]?.count ?? 0) >= limits.perConnection {
      throw .tooMany(what: "jobs followed by one connection", limit: limits.perConnection)
    }
    let mine = clients[client] ?? 0
    if mine >= limits.perClient {
      throw .tooMany(what: "jobs followed by one client", limit: limits.perClient)
    }
    let places = mine < limits.few ? limits.all : limits.all - limits.kept
    if follows.count >= places {
      throw .tooMany(what: "jobs followed by all clients", limit: places)
    }
    lastID += 1
    follows[lastID] = Follow(job: job, connection: connection, client: client)
    connections[connection, default: []].insert(lastID)
    clients[client] = mine + 1
    subjects[job, default: Subject()].follows.insert(lastID)
    makeDue(job)
    return lastID
  }

  /// Where a job stands, for those who follow it from now on; what has been published since says more.
  package mutating func begin(with event: ProgressEvent) {
    guard subjects[event.job]?.number == 0 else { return }
    note(event)
  }

  /// A job published an event. Where nobody follows it nothing is kept.
  package mutating func note(_ event: ProgressEvent) {
    guard subjects[event.job] != nil else { return }
    subjects[event.job]?.latest = event
    subjects[event.job]?.number += 1
    makeDue(event.job)
  }

  /// What has to be told next; nil where everybody is told, or was not ready. They count as told from now on.
  ///
  /// A follow that is told the last event of its job ends.
  package mutating func next() -> Round? {
    while !due.isEmpty {
      let job = due.removeFirst()
      isDue.remove(job)
      guard let subject = subjects[job], let event = subject.latest else { continue }
      let late = subject.follows.filter { (follows[$0]?.told ?? subject.number) < subject.number }
      if late.isEmpty { continue }
      for id in late { follows[id]?.told = subject.number }
      return Round(event: event, follows: late.sorted())
    }
    return nil
  }

  /// Somebody was not ready for what `next` gave: it is told the latest later, after the next event or `retry`.
  package mutating func missed(_ id: UInt64) {
    guard let job = follows[id]?.job else { return }
    follows[id]?.told = 0
    behind.insert(job)
  }

  /// Those who were not ready are to be asked again; false where there are none.
  package mutating func retry() -> Bool {
    defer { behind = [] }
    for job in behind where subjects[job] != nil { makeDue(job) }
    return !behind.isEmpty
  }

  /// A follow ends; false where it had, or where the last event of its job is on its way.
  @discardableResult
  package mutating func remove(_ id: UInt64) -> Bool {
    guard let follow = follows.removeValue(forKey: id) else { return false }
    connections[follow.connection]?.remove(id)
    if connections[follow.connection]?.isEmpty == true { connections[follow.connection] = nil }
    let rest = (clients[follow.client] ?? 1) - 1
    clients[follow.client] = rest > 0 ? rest : nil
    guard var subject = subjects[follow.job] else { return true }
    let isEnding = subject.latest?.stage.isFinal == true && follow.told == subject.number
    subject.follows.remove(id)
    subjects[follow.job] = subject.follows.isEmpty ? nil : subject
    return !isEnding
  }

  /// All follows of a connection end; returns them.
  package mutating func leave(_ connection: UInt64) -> [UInt64] {
    let all = connections[connection].map { $0.sorted() } ?? []
    for id in all { remove(id) }
    return all
  }

  private mutating func makeDue(_ job: JobID) {
    if isDue.insert(job).inserted { due.append(job) }
  }
}

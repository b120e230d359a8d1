import Glibc
import Synchronization

/// Which connections are open, whose they are and what they wait for; decides which are beyond what there should be, and which
/// take too long.
///
/// A connection is a stranger's until a request on it shows who sends it. Strangers have few places, which are for the
/// moment that a head takes to arrive: where they are taken, who has waited longest goes, of the address that has most, unless
/// that is not yet a second: his head may be here and not read yet. Whoever is known has places of his own, wherever he connects from. What is beyond gets a place in the reserve: whoever probes
/// whether the server lives must get an answer also while all places are taken.
final class ConnectionCensus: Sendable {
  /// What a connection waits for.
  enum Phase {
    /// The rest of a head.
    case head
    /// The handler.
    case handler
    /// More of a body, of which so many bytes came since.
    case body(bytes: Int)
    /// That the peer reads an answer.
    case answer
    /// Words of a stream.
    case stream
  }

  private struct Record {
    let host: String
    let socket: Int32
    var owner: String?
    var phase = Phase.head
    var since: Double
    /// It is to end; its thread has not noticed yet.
    var isCut = false
  }

  private struct State {
    var records: [UInt64: Record] = [:]
    var next: UInt64 = 0

    var open: some Collection<Record> { records.values.lazy.filter { !$0.isCut } }
    func count(_ isMeant: (Record) -> Bool) -> Int { open.count(where: isMeant) }
  }

  /// Seconds that everybody has for a head.
  private static let grace = 1.0

  private let limits: HTTPConfiguration
  private let state = Mutex(State())

  /// Nobody is there.
  init(_ limits: HTTPConfiguration) { self.limits = limits }

  /// Seconds on a clock that never goes back.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// One more connection, whose socket stays open until the end of its place.
  func enter(_ host: String, socket: Int32) -> Place {
    state.withLock { state in
      let number = state.next
      state.next += 1
      state.records[number] = Record(host: host, socket: socket, since: Self.now)
      if let reach = excess(host, state) { makeWay(for: number, among: reach, &state) }
      return Place(self, number, isInReserve: excess(host, state) != nil)
    }
  }

  /// Ends connections that take longer than anybody has to.
  func cutLate() {
    let now = Self.now
    state.withLock { state in
      for (number, record) in state.records where !record.isCut {
        let seconds = now - record.since
        let isLate =
          switch record.phase {
          case .head:
            seconds >= Double(record.owner == nil ? limits.headSeconds : limits.timeoutSeconds)
          case .body: seconds >= Double(limits.bodySeconds)
          case .answer: record.owner == nil && seconds >= Double(limits.timeoutSeconds)
          case .handler, .stream: false
          }
        if isLate { cut(number, &state) }
      }
    }
  }

  /// The address whose strangers are too many, or an empty text where all together are; nil: there is room.
  private func excess(_ host: String, _ state: State) -> String? {
    if state.count({ $0.owner == nil && $0.host == host }) > limits.connectionsPerAddress {
      return host
    }
    let isFull =
      state.open.count > limits.connections || state.count({ $0.owner == nil }) > limits.strangers
    return isFull ? "" : nil
  }

  /// Ends the connection that has waited longest for the rest of a head: of one address, or of the one that has most.
  private func makeWay(for newcomer: UInt64, among host: String, _ state: inout State) {
    let latest = Self.now - Self.grace
    var waiting: [String: [(since: Double, number: UInt64)]] = [:]
    for (number, record) in state.records where !record.isCut && number != newcomer {
      guard record.owner == nil, case .head = record.phase, host.isEmpty || record.host == host
      else { continue }
      waiting[record.host, default: []].append((record.since, number))
    }
    let most = waiting.values.max { $0.count < $1.count }
    if let oldest = most?.min(by: { $0 < $1 }), oldest.since <= latest {
      cut(oldest.number, &state)
    }
  }

  /// The socket is open, as its place has not ended, and nobody ends a place meanwhile.
  private func cut(_ number: UInt64, _ state: inout State) {
    guard let socket = state.records[number]?.socket else { return }
    state.records[number]?.isCut = true
    if socket >= 0 { shutdown(socket, Int32(SHUT_RDWR)) }
  }

  /// One open connection.
  final class Place: Sendable {
    private let census: ConnectionCensus
    private let number: UInt64
    private let reserved: Atomic<Bool>

    fileprivate init(_ census: ConnectionCensus, _ number: UInt64, isInReserve: Bool) {
      self.census = census
      self.number = number
      reserved = Atomic(isInReserve)
    }

    /// Whether it is beyond what there should be.
    var isInReserve: Bool { reserved.load(ordering: .relaxed) }

    /// Says what it waits for from now on.
    func wait(for phase: Phase) {
      let now = ConnectionCensus.now
      census.state.withLock { state in
        state.records[number]?.phase = phase
        state.records[number]?.since = now
      }
    }

    /// Takes note of bytes of a body which the handler took so many seconds for: these do not count.
    func received(_ bytes: Int, handled seconds: Double) {
      let now = ConnectionCensus.now
      census.state.withLock { state in
        guard let record = state.records[number], case .body(let before) = record.phase else {
          return
        }
        let isEnough = before + bytes >= census.limits.bodyBytes
        state.records[number]?.phase = .body(bytes: isEnough ? 0 : before + bytes)
        state.records[number]?.since = isEnough ? now : record.since + seconds
      }
    }

    /// Who sends the requests is known; false where he has as many connections as he may, or all who are known have.
    func identify(_ owner: String) -> Bool {
      census.state.withLock { state in
        guard let record = state.records[number], record.owner != owner else { return true }
        let limits = census.limits
        let isKnown = record.owner != nil
        guard state.count({ $0.owner == owner }) < limits.connectionsPerOwner,
          isKnown
            || state.count({ $0.owner != nil }) < max(1, limits.connections - limits.strangers)
        else { return false }
        state.records[number]?.owner = owner
        reserved.store(false, ordering: .relaxed)
        return true
      }
    }

    /// The connection is over, and its socket about to be closed.
    func end() { census.state.withLock { $0.records[number] = nil } }
  }
}

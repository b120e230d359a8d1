import Synchronization
import Wire

/// One connection of an admitted worker.
///
/// A worker that comes back gets a new session; tasks belong to sessions, so that words from an old
/// connection are never taken for words from the new one.
///
/// A worker fetches what its tasks name, while it has them, and nothing else: neither by guessing digests nor by
/// remembering those of an earlier task does it see others' witnesses. Answers about other tasks are dropped at arrival.
///
/// A worker that answers faster than its jobs take the answers is read no further until they have; one that answers what it
/// was asked never comes near.
final class WorkerSession: PeerHandler {
  let id: WorkerID
  let name: String
  let threads: Int
  let memoryBytes: UInt64
  /// Which process it is: another one with the same key is a copy.
  let instance: UInt64
  /// Version of its program, for people.
  let version: String
  /// Where it connected from.
  let address: String
  private let channel: PeerChannel
  private let core: Core
  private let grants = Mutex(FetchGrants())
  private let waiting = Mutex((answers: 0, bytes: 0))
  private let idleTalk = Mutex(IdleTalk())
  /// When the board was told last that the worker is heard.
  private let heard = Mutex(-Double.infinity)

  /// Seconds within which the board is told once that the worker is heard.
  private static let heardSeconds = 0.2
  /// Answers, and bytes of them, that may wait before no more are read, and below which reading goes on.
  private static let busy = (answers: 64, bytes: 8 << 20, few: 8, fewBytes: 1 << 20)

  init(_ member: MemberRecord, _ hello: Hello, _ channel: PeerChannel, core: Core) {
    instance = hello.instance
    version = Admission.printable(hello.productVersion)
    self.channel = channel
    self.core = core
    address = channel.remoteAddress
    id = member.id
    name = member.name
    threads = member.threads
    memoryBytes = member.memoryBytes
  }

  /// Bytes the worker sent and received on this connection.
  var traffic: (sent: UInt64, received: UInt64) {
    let traffic = channel.traffic
    return (traffic.received, traffic.sent)
  }

  /// Queues a message for the worker.
  func post(_ message: Message) {
    switch message {
    case .assign(let task, let kind): grants.withLock { $0.grant(kind.artifacts, to: task) }
    case .release(let task): grants.withLock { _ = $0.revoke(task) }
    default: break
    }
    channel.post(message)
  }

  /// Says goodbye and closes.
  func end() { channel.finish(saying: .goodbye) }

  /// Whether the goodbye is still on its way.
  var isOpen: Bool { channel.isOpen }

  /// Closes at once.
  func cut() { channel.abort() }

  func received(_ message: Message, on channel: PeerChannel) {
    noteHeard()
    switch message {
    case .heartbeat:
      switch idleTalk.withLock({ $0.heartbeat(at: Core.now) }) {
      case .answer: post(.heartbeat)
      case .ignore: break
      case .cut: cutTalker()
      }
    case .stepReply(let task, let step, let payload):
      guard grants.withLock({ $0.holds(task) }) else { return takeUnasked() }
      deliver(.reply(task: task, step: step, payload: payload), bytes: payload.count)
    case .result(let task, let payload):
      guard grants.withLock({ $0.revoke(task) }) else { return takeUnasked() }
      deliver(.result(task: task, payload: payload), bytes: payload.count)
    case .failed(let task, let failure):
      guard grants.withLock({ $0.revoke(task) }) else { return takeUnasked() }
      core.failed(task, failure, from: self)
    case .artifactWant(let digest, let offset, let length):
      guard grants.withLock({ $0.allow(digest) }) else {
        takeUnasked()
        return post(.artifactMissing(digest))
      }
      channel.post(artifact: digest, offset: offset, length: length)
      let size = core.artifacts.size(of: digest) ?? 0
      let bytes = grants.withLock { $0.advance(digest, offset: offset, length: length, size: size) }
      if !bytes.isEmpty { core.fetching(self, bytes) }
    case .drain:
      takeUnasked()
      core.drain(id)
    case .goodbye:
      core.left(self, reason: Core.goodbye)
    default:
      // Its policy lets nothing else through.
      cut()
    }
  }

  /// Tells the board that the worker is heard, however many messages come.
  private func noteHeard() {
    let now = Core.now
    let isNews = heard.withLock { last in
      guard now - last >= Self.heardSeconds else { return false }
      last = now
      return true
    }
    if isNews { core.heard(self) }
  }

  /// Takes note of a message that nobody asked for; too many end the connection.
  private func takeUnasked() {
    if !idleTalk.withLock({ $0.take(at: Core.now) }) { cutTalker() }
  }

  private func cutTalker() {
    core.left(self, reason: "it sent too much that nobody asked for")
    cut()
  }

  private func deliver(_ event: JobExecutor.Event, bytes: Int) {
    let isBusy = waiting.withLock { waiting in
      waiting.answers += 1
      waiting.bytes += bytes
      return waiting.answers >= Self.busy.answers || waiting.bytes >= Self.busy.bytes
    }
    if isBusy { channel.pause() }
    core.deliver(event, from: self) { [self] in
      let isIdle = waiting.withLock { waiting in
        waiting.answers -= 1
        waiting.bytes -= bytes
        return waiting.answers <= Self.busy.few && waiting.bytes <= Self.busy.fewBytes
      }
      if isIdle { channel.resume() }
    }
  }

  func receivedOtherVersion(expected: UInt16, found: UInt16, on channel: PeerChannel) { cut() }

  func closed(_ channel: PeerChannel, because error: WireError) {
    core.left(self, reason: error.description)
  }
}

extension TaskKind {
  /// The artifacts that whoever has the task may fetch.
  var artifacts: Set<Digest> {
    switch self {
    case .index(let program, let srs): [program, srs]
    case .instances(let task): Set(task.tasks.flatMap { [$0.program, $0.witness] } + [task.srs])
    case .matrix(let task): [task.program, task.srs]
    }
  }
}

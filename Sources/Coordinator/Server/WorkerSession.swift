import Synchronization
import Wire

/// One connection of an admitted worker.
///
/// A worker that comes back gets a new session; tasks belong to sessions, so that words from an old
/// connection are never taken for words from the new one.
///
/// A worker fetches what its tasks name, while it has them, and nothing else: neither by guessing digests nor by
/// remembering those of an earlier task does it see others' witnesses.
final class WorkerSession: PeerHandler {
  let id: WorkerID
  let name: String
  let threads: Int
  let memoryBytes: UInt64
  /// Which process it is: another one with the same key is a copy.
  let instance: UInt64
  /// Where it connected from.
  let address: String
  private let channel: PeerChannel
  private let core: Core
  private let grants = Mutex(FetchGrants())

  init(_ member: MemberRecord, instance: UInt64, _ channel: PeerChannel, core: Core) {
    self.instance = instance
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
    case .release(let task): grants.withLock { $0.revoke(task) }
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
    core.heard(self)
    switch message {
    case .heartbeat: post(.heartbeat)
    case .stepReply(let task, let step, let payload):
      core.deliver(.reply(task: task, step: step, payload: payload), from: self)
    case .result(let task, let payload):
      grants.withLock { $0.revoke(task) }
      core.deliver(.result(task: task, payload: payload), from: self)
    case .failed(let task, let failure):
      grants.withLock { $0.revoke(task) }
      core.failed(task, failure, from: self)
    case .artifactWant(let digest, let offset, let length):
      guard grants.withLock({ $0.allow(digest) }) else { return post(.artifactMissing(digest)) }
      channel.post(artifact: digest, offset: offset, length: length)
      let size = core.artifacts.size(of: digest) ?? 0
      let bytes = grants.withLock { $0.advance(digest, offset: offset, length: length, size: size) }
      if !bytes.isEmpty { core.fetching(self, bytes) }
    case .drain: core.drain(id)
    case .goodbye:
      core.left(self, reason: Core.goodbye)
    default:
      // Its policy lets nothing else through.
      cut()
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

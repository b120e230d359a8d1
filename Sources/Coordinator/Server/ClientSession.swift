import Foundation
import Synchronization
import Wire

/// One connection of an admitted client: uploads, requests, progress.
///
/// Requests run one after the other beside the event loop; progress goes out beside them. A client that asks faster than it
/// is answered is read no further until it has been. What waits of one that has left is dropped unanswered.
final class ClientSession: PeerHandler, @unchecked Sendable {
  /// The largest artifact a client may upload, in bytes.
  static let maximumUpload: UInt64 = 4 << 30
  /// The most uploads that may be under way on one connection.
  static let maximumUploads = 8

  /// Messages that may wait to be answered before no more are read, and below which reading goes on.
  private static let busy = (most: 8, few: 2)
  /// The most artifacts that one connection may have uploaded before a request needs them.
  static let maximumPromised = 2 * (CircuitList.maximumCircuits + WitnessList.maximumInstances)
  /// Bytes that may wait for a client before it is told no progress any more, until it has read some.
  private static let behind = 64 << 10

  /// An artifact on its way, as it was offered.
  private struct Upload {
    let transfer: ArtifactTransfer
    let total: UInt64
    let room: UploadLedger.Room
  }

  let caller: Caller
  let core: Core
  let tokens: TokenDesk
  private let channel: PeerChannel
  private let queue = DispatchQueue(label: "client")
  private let waiting = Mutex(0)
  private let idleTalk = Mutex(IdleTalk())
  /// Tells it from other connections.
  private var number: UInt64 { UInt64(UInt(bitPattern: ObjectIdentifier(self))) }
  // All that follows is touched only on `queue`.
  private var uploads: [Digest: Upload] = [:]
  // How often this connection was told that an artifact is here: it stays until a request has used it, or until the
  // connection ends.
  private var promised: [Digest: Int] = [:]

  init(_ channel: PeerChannel, _ caller: Caller, core: Core, tokens: TokenDesk) {
    self.caller = caller
    self.channel = channel
    self.core = core
    self.tokens = tokens
  }

  /// Says goodbye and closes.
  func end() { channel.finish(saying: .goodbye) }

  /// Says that the key was revoked, and closes.
  func expel() { channel.finish(saying: .refused(.revoked, text: "this key was revoked")) }

  /// Whether the last words are still on their way.
  var isOpen: Bool { channel.isOpen }

  func received(_ message: Message, on channel: PeerChannel) {
    if case .heartbeat = message {
      // Answered at once, whatever is computed for this client.
      switch idleTalk.withLock({ $0.heartbeat(at: Core.now) }) {
      case .answer: channel.post(.heartbeat)
      case .ignore: break
      case .cut: channel.abort()
      }
      return
    }
    let count = waiting.withLock { count in
      count += 1
      return count
    }
    if count >= Self.busy.most { channel.pause() }
    queue.async { [self] in
      take(message)
      let left = waiting.withLock { count in
        count -= 1
        return count
      }
      if left <= Self.busy.few { channel.resume() }
    }
  }

  func receivedOtherVersion(expected: UInt16, found: UInt16, on channel: PeerChannel) {
    channel.abort()
  }

  func closed(_ channel: PeerChannel, because error: WireError) {
    core.clients.remove(self)
    queue.async { [self] in
      core.followers.leave(number)
      uploads = [:]
      core.uploads.release(takePromises(), of: caller.id, account: caller.account)
    }
  }

  private func take(_ message: Message) {
    // What a client asked before it left is nobody's wish any more, and others wait.
    if channel.isAbandoned { return }
    switch message {
    case .request(let id, let method, let json):
      answer(id, method, json)
      rest(core.clients.delay(of: caller.account, at: Core.now))
    case .artifactOffer(let digest, let total):
      offered(digest, total)
      rest(core.clients.delay(ofOffersOf: caller.account, at: Core.now))
    case .artifactPiece(let digest, let offset, let total, let bytes):
      received(digest, offset, total, bytes)
    case .artifactWant(let digest, let offset, let length):
      if mayFetch(digest) {
        channel.post(artifact: digest, offset: offset, length: length)
      } else {
        channel.post(.artifactMissing(digest))
      }
      rest(core.clients.delay(ofOffersOf: caller.account, at: Core.now))
    case .artifactMissing(let digest):
      if uploads.removeValue(forKey: digest) == nil { takeUnasked() }
    default: channel.abort()
    }
  }

  /// Takes note of a message that nobody asked for; too many end the connection.
  private func takeUnasked() {
    if !idleTalk.withLock({ $0.take(at: Core.now) }) { channel.abort() }
  }

  /// Does nothing for this client for a while: it asks too fast.
  private func rest(_ seconds: Double) {
    guard seconds > 0 else { return }
    queue.suspend()
    DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [queue] in queue.resume() }
  }

  private func offered(_ digest: Digest, _ total: UInt64) {
    guard caller.role >= ClientMethod.submit.leastRole else {
      return channel.post(.artifactRefused(digest, text: "this key may not submit anything"))
    }
    if isOwn(digest), promise(digest) { return channel.post(.artifactHave(digest)) }
    if total > Self.maximumUpload {
      return channel.post(
        .artifactRefused(digest, text: "it has \(total) bytes; the limit is \(Self.maximumUpload)"))
    }
    guard uploads[digest] == nil else { return }
    guard uploads.count < Self.maximumUploads else {
      return channel.post(.artifactRefused(digest, text: "too many uploads at once"))
    }
    guard promised.count < Self.maximumPromised else {
      return channel.post(.artifactRefused(digest, text: "too many uploads before a request"))
    }
    do throws(CoordinatorError) {
      let room = try core.uploads.makeRoom(
        for: digest, bytes: total, of: caller.id, account: caller.account)
      let transfer: ArtifactTransfer
      do {
        transfer = try core.artifacts.transfer(digest, of: caller.id)
      } catch {
        throw CoordinatorError(error)
      }
      uploads[digest] = Upload(transfer: transfer, total: total, room: room)
      channel.post(transfer.start())
    } catch {
      channel.post(.artifactRefused(digest, text: core.text(error)))
    }
  }

  private func received(
    _ digest: Digest, _ offset: UInt64, _ total: UInt64, _ bytes: [UInt8]
  ) {
    // A piece that nobody waits for: of an upload that was refused meanwhile.
    guard let upload = uploads[digest] else { return takeUnasked() }
    guard total == upload.total else {
      uploads[digest] = nil
      return channel.post(.artifactRefused(digest, text: "it has not the size that was offered"))
    }
    do {
      switch try upload.transfer.receive(offset: offset, total: total, bytes: bytes) {
      case .wants(let messages): for message in messages { channel.post(message) }
      case .complete:
        uploads[digest] = nil
        guard promise(digest) else {
          return channel.post(.artifactRefused(digest, text: "it could not be kept; send it again"))
        }
        channel.post(.artifactHave(digest))
      }
    } catch {
      uploads[digest] = nil
      channel.post(.artifactRefused(digest, text: core.text(CoordinatorError(error))))
    }
  }

  /// Whether the caller has uploaded an artifact before, for a job that has not ended.
  private func isOwn(_ digest: Digest) -> Bool {
    (try? core.uploads.belongs(digest, to: caller.id)) ?? false
  }

  /// Keeps an artifact for this connection; false where it is not here.
  private func promise(_ digest: Digest) -> Bool {
    guard core.uploads.hold(digest, for: caller.id, account: caller.account) else { return false }
    promised[digest, default: 0] += 1
    return true
  }

  /// What was promised so far, from now on somebody else's to keep.
  private func takePromises() -> [Digest] {
    defer { promised = [:] }
    return promised.flatMap { Array(repeating: $0.key, count: $0.value) }
  }

  /// Clients fetch proof documents, of jobs they may see.
  private func mayFetch(_ digest: Digest) -> Bool {
    guard caller.role >= ClientMethod.document.leastRole else { return false }
    let owner = caller.role.seesEveryJob ? nil : caller.id
    return (try? core.store.isDocument(digest.bytes, ofJobsOf: owner)) ?? false
  }

  private func answer(_ id: UInt64, _ name: String, _ json: [UInt8]) {
    guard let method = ClientMethod(rawValue: name) else {
      return channel.post(
        .error(
          id: id, code: "unknown_method",
          text: "this coordinator does not know '\(Admission.printable(name))'; is it older?"))
    }
    var subject = ""
    do throws(CoordinatorError) {
      try caller.authorise(method)
      if let reply = try call(method, id: id, json, &subject) {
        if method.isAudited { core.audit(method.rawValue, subject, by: caller) }
        channel.post(.response(id: id, json: reply))
      }
    } catch {
      refuse(method, id, subject, error)
    }
  }

  /// Answers with an error; what was not allowed, or would have been written down, is written down.
  func refuse(_ method: ClientMethod, _ id: UInt64, _ subject: String, _ error: CoordinatorError) {
    if method.isAudited || error.code == "not_allowed" {
      core.audit(method.rawValue, subject, by: caller, outcome: error.code)
    }
    channel.post(.error(id: id, code: error.code, text: core.text(error)))
  }

  /// Answers a request from a thread of its own: planning takes long, and a client that leaves must be noticed meanwhile.
  ///
  /// `body` gets what tells whether the client is still there, and returns the answer and what it is about. What was
  /// uploaded before is kept until then.
  func answerLater(
    _ method: ClientMethod, _ id: UInt64,
    _ body:
      @escaping @Sendable (_ isWanted: @escaping @Sendable () -> Bool)
      throws(CoordinatorError) -> (json: [UInt8], subject: String)
  ) throws(CoordinatorError) {
    guard core.clients.beginPlan(of: caller.account) else {
      throw .tooMany(
        what: "plans and submissions of one client under way", limit: Core.plansPerMember)
    }
    let promises = takePromises()
    let thread = Thread { [self] in
      let result: Result<(json: [UInt8], subject: String), CoordinatorError>
      do throws(CoordinatorError) {
        result = .success(try body { [channel] in channel.isOpen })
      } catch {
        result = .failure(error)
      }
      // First, so that whoever gets the answer finds the uploads gone that were for it alone.
      core.uploads.release(promises, of: caller.id, account: caller.account)
      core.clients.endPlan(of: caller.account)
      do throws(CoordinatorError) {
        let answer = try result.get()
        if method.isAudited { core.audit(method.rawValue, answer.subject, by: caller) }
        channel.post(.response(id: id, json: answer.json))
      } catch {
        refuse(method, id, "", error)
      }
    }
    thread.name = "plan"
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// Streams a job's progress, ending with its summary.
  ///
  /// Of a client that reads slowly only what is said last waits.
  func follow(_ job: JobID, id: UInt64) throws(CoordinatorError) {
    _ = try core.job(job, for: caller)
    let (channel, core) = (channel, core)
    let follower = ProgressHub.Follower(
      isReady: { channel.backlog < Self.behind },
      summary: { Self.summary(core, job) },
      tell: { telling in
        channel.post(.event(id: id, json: telling.event))
        if let summary = telling.summary { channel.post(Self.response(id, summary)) }
      })
    let follow = try core.followers.add(
      follower, to: job, connection: number, client: caller.account)
    // Gone, and nobody would end it.
    if !channel.isOpen { return core.followers.leave(number) }
    if let latest = core.latest(of: job) { return core.followers.begin(with: latest) }
    if core.followers.remove(follow) { channel.post(Self.response(id, Self.summary(core, job))) }
  }

  private static func summary(_ core: Core, _ job: JobID) -> Result<[UInt8], CoordinatorError> {
    do throws(CoordinatorError) {
      return .success(Array(Store.encode(try core.summary(of: job)).utf8))
    } catch {
      return .failure(error)
    }
  }

  private static func response(
    _ id: UInt64, _ summary: Result<[UInt8], CoordinatorError>
  ) -> Message {
    switch summary {
    case .success(let json): .response(id: id, json: json)
    case .failure(let error): .error(id: id, code: error.code, text: error.publicText())
    }
  }
}

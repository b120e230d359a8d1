import Foundation
import Synchronization
import Wire

/// One connection of an admitted client: uploads, requests, progress.
///
/// Requests run on the connection's own thread, one after the other; progress goes out beside them.
final class ClientSession: @unchecked Sendable {
  /// The largest artifact a client may upload, in bytes.
  static let maximumUpload: UInt64 = 4 << 30
  /// The most uploads that may be under way on one connection.
  static let maximumUploads = 8
  /// The most plans and submissions of one client that may be under way.
  static let maximumPending = 8

  /// The most jobs that one connection may follow.
  static let maximumFollowed = 256

  let caller: Caller
  let core: Core
  let tokens: TokenDesk
  private let connection: SecureConnection
  private let outbox: Outbox
  private let pending = Mutex(0)
  // Touched only by the connection's own thread.
  private var uploads: [Digest: ArtifactTransfer] = [:]
  // How often this connection was told that an artifact is here: it stays until a request has used it, or until the
  // connection ends.
  private var promised: [Digest: Int] = [:]
  private var following: [(job: JobID, observer: UInt64)] = []

  init(_ connection: SecureConnection, _ caller: Caller, core: Core, tokens: TokenDesk) {
    self.caller = caller
    self.connection = connection
    self.core = core
    self.tokens = tokens
    outbox = Outbox(connection, artifacts: core.artifacts)
  }

  /// Says goodbye and closes.
  func end() {
    outbox.post(.goodbye)
    outbox.finish()
  }

  /// Says that the key was revoked, and closes.
  func expel() {
    outbox.post(.refused(.revoked, text: "this key was revoked"))
    outbox.finish()
  }

  /// Waits until what was said has gone out, or until a moment of the monotonic clock.
  func waitForEnd(until deadline: Double) { outbox.waitForEnd(until: deadline) }

  /// Reads until the connection ends.
  func read() {
    defer {
      for entry in following { core.followers.remove(entry.observer, from: entry.job) }
      outbox.abort()
      core.uploads.release(takePromises(), of: caller.id)
    }
    while true {
      do throws(WireError) {
        let message = try connection.receive()
        if try !take(message) { return }
      } catch {
        // Clients that follow a job have nothing to say for long. A heartbeat finds out who is gone.
        if error != .timedOut(.receive) { return }
        outbox.post(.heartbeat)
      }
    }
  }

  private func take(_ message: Message) throws(WireError) -> Bool {
    switch message {
    case .request(let id, let method, let json):
      let delay = core.clients.delay(of: caller.id, at: Core.now)
      if delay > 0 { Thread.sleep(forTimeInterval: delay) }
      answer(id, method, json)
    case .artifactOffer(let digest, let total): try offered(digest, total)
    case .artifactPiece(let digest, let offset, let total, let bytes):
      try received(digest, offset, total, bytes)
    case .artifactWant(let digest, let offset, let length):
      guard mayFetch(digest) else {
        outbox.post(.artifactMissing(digest))
        break
      }
      outbox.post(artifact: digest, offset: offset, length: min(length, Message.Limit.want))
    case .artifactMissing(let digest): uploads[digest] = nil
    case .heartbeat: break
    case .goodbye: return false
    default: return false
    }
    return true
  }

  private func offered(_ digest: Digest, _ total: UInt64) throws(WireError) {
    guard caller.role >= ClientMethod.submit.leastRole else {
      return outbox.post(.artifactRefused(digest, text: "this key may not submit anything"))
    }
    if isOwn(digest), promise(digest) { return outbox.post(.artifactHave(digest)) }
    if total > Self.maximumUpload {
      return outbox.post(
        .artifactRefused(digest, text: "it has \(total) bytes; the limit is \(Self.maximumUpload)"))
    }
    guard uploads[digest] == nil else { return }
    guard uploads.count < Self.maximumUploads else {
      return outbox.post(.artifactRefused(digest, text: "too many uploads at once"))
    }
    do {
      let transfer = try core.artifacts.transfer(digest, of: caller.id)
      uploads[digest] = transfer
      outbox.post(transfer.start())
    } catch {
      outbox.post(.artifactRefused(digest, text: CoordinatorError(error).description))
    }
  }

  private func received(
    _ digest: Digest, _ offset: UInt64, _ total: UInt64, _ bytes: [UInt8]
  ) throws(WireError) {
    // A piece that nobody waits for: of an upload that was refused meanwhile.
    guard let transfer = uploads[digest] else { return }
    do {
      switch try transfer.receive(offset: offset, total: total, bytes: bytes) {
      case .wants(let messages): for message in messages { outbox.post(message) }
      case .complete:
        uploads[digest] = nil
        guard promise(digest) else {
          return outbox.post(.artifactRefused(digest, text: "there is no room for it"))
        }
        outbox.post(.artifactHave(digest))
      }
    } catch {
      uploads[digest] = nil
      outbox.post(.artifactRefused(digest, text: CoordinatorError(error).description))
    }
  }

  /// Whether the caller has uploaded an artifact before, for a job that has not ended.
  private func isOwn(_ digest: Digest) -> Bool {
    (try? core.uploads.belongs(digest, to: caller.id)) ?? false
  }

  /// Keeps an artifact for this connection; false where it is not here.
  private func promise(_ digest: Digest) -> Bool {
    guard core.uploads.hold(digest, for: caller.id) else { return false }
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
      return outbox.post(
        .error(
          id: id, code: "unknown_method",
          text: "this coordinator does not know '\(Admission.printable(name))'; is it older?"))
    }
    var subject = ""
    do throws(CoordinatorError) {
      try caller.authorise(method)
      if let reply = try call(method, id: id, json, &subject) {
        if method.isAudited { core.audit(method.rawValue, subject, by: caller) }
        outbox.post(.response(id: id, json: reply))
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
    outbox.post(.error(id: id, code: error.code, text: error.description))
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
    guard
      pending.withLock({ count in
        count += 1
        return count <= Self.maximumPending
      })
    else {
      pending.withLock { $0 -= 1 }
      throw .tooMany(
        what: "plans and submissions of one client under way", limit: Self.maximumPending)
    }
    let promises = takePromises()
    let thread = Thread { [self] in
      defer {
        core.uploads.release(promises, of: caller.id)
        pending.withLock { $0 -= 1 }
      }
      do throws(CoordinatorError) {
        let answer = try body { [connection] in connection.isOpen }
        if method.isAudited { core.audit(method.rawValue, answer.subject, by: caller) }
        outbox.post(.response(id: id, json: answer.json))
      } catch {
        refuse(method, id, "", error)
      }
    }
    thread.name = "plan"
    thread.stackSize = 1 << 20
    thread.start()
  }

  /// Streams a job's progress, ending with its summary.
  func follow(_ job: JobID, id: UInt64) throws(CoordinatorError) {
    _ = try core.job(job, for: caller)
    guard following.count < Self.maximumFollowed else {
      throw .tooMany(what: "jobs followed by one connection", limit: Self.maximumFollowed)
    }
    let outbox = outbox
    let core = core
    let send: @Sendable (ProgressEvent) -> Void = { event in
      outbox.post(.event(id: id, json: Array(Store.encode(event).utf8)))
      if !event.stage.isFinal { return }
      outbox.post(Self.summaryResponse(core, job: job, id: id))
    }
    let observer = core.followers.add(send, to: job)
    following.append((job, observer))
    if let latest = core.latest(of: job) { return send(latest) }
    core.followers.remove(observer, from: job)
    outbox.post(Self.summaryResponse(core, job: job, id: id))
  }

  private static func summaryResponse(_ core: Core, job: JobID, id: UInt64) -> Message {
    do throws(CoordinatorError) {
      return .response(id: id, json: Array(Store.encode(try core.summary(of: job)).utf8))
    } catch {
      return .error(id: id, code: error.code, text: error.description)
    }
  }
}

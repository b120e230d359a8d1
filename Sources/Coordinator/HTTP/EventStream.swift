import Foundation
import HTTP
import Synchronization
import Wire

/// Progress of one job or of all, as Server-Sent Events; ends with the job, with the token, or with the server.
///
/// Events are `progress` with a `ProgressEvent`; of one job the last is `end` with its `JobSummary`; `gap` says that some were
/// lost and the lists should be read again. Every one but `gap` has an id to go on from.
final class EventStream: HTTPStream {
  /// The id of the event `end`.
  static let endID = "end"
  /// Seconds of silence after which a comment shows that the connection lives.
  private static let silence = 10.0

  private let core: Core
  private let log: EventLog
  private let bearers: BearerTokens
  private let caller: Caller
  private let job: JobID?
  private let isCancelled = Atomic(false)
  private struct Progress {
    var place: EventLog.Place
    var first: [UInt8]?
    var isOver = false
    /// Whether a job that has ended was given time to publish its last event, which it does after its end.
    var hasWaited = false
    /// Whether the caller may see a job, as far as that was looked up.
    var seen: [JobID: Bool] = [:]
  }
  private let state: Mutex<Progress>

  /// Goes on after `last`, or begins with what is now. The caller may see the job, and the stream was entered in the log.
  init(_ call: APICall, job: JobID?, after last: EventLog.Place?) {
    core = call.core
    log = call.web.events
    bearers = call.bearers
    caller = call.caller
    self.job = job
    // First the place, then the snapshot: what comes in between is said twice, not never.
    let end = log.end
    if let last, log.entries(after: last) != nil {
      state = Mutex(Progress(place: last))
    } else {
      var first = ""
      if let job {
        if let latest = core.latest(of: job) {
          first = Self.text("progress", id: end.text, latest)
        }
      } else {
        first = last == nil ? ": listening\n\n" : Self.text("gap", id: end.text, Nothing())
      }
      state = Mutex(Progress(place: end, first: first.isEmpty ? nil : Array(first.utf8)))
    }
  }

  deinit { cancel() }

  func next() -> [UInt8]? {
    state.withLock { progress in
      if let first = progress.first {
        progress.first = nil
        return first
      }
      if progress.isOver { return nil }
      guard isGood else { return nil }
      if let job, core.latest(of: job) == nil, log.entries(after: progress.place)?.isEmpty ?? true {
        if progress.hasWaited { return end(of: job, &progress) }
        progress.hasWaited = true
        log.wait(after: progress.place, seconds: 0.2) { isCancelled.load(ordering: .acquiring) }
        return more(&progress)
      }
      log.wait(after: progress.place, seconds: Self.silence) {
        isCancelled.load(ordering: .acquiring)
      }
      guard isGood else { return nil }
      return more(&progress)
    }
  }

  func cancel() {
    if isCancelled.exchange(true, ordering: .acquiringAndReleasing) { return }
    log.leave(caller.id)
    log.wake()
  }

  private var isGood: Bool {
    !isCancelled.load(ordering: .acquiring) && bearers.isGood(caller.id, at: Core.wallClock)
  }

  private func more(_ progress: inout Progress) -> [UInt8] {
    guard let entries = log.entries(after: progress.place) else {
      progress.place = log.end
      return Array(Self.text("gap", id: progress.place.text, Nothing()).utf8)
    }
    var text = ""
    for entry in entries {
      progress.place = EventLog.Place(epoch: log.epoch, number: entry.number)
      if sees(entry.event.job, &progress) {
        text += Self.text("progress", id: progress.place.text, entry.event)
        if job != nil, entry.event.stage.isFinal { break }
      }
    }
    return Array((text.isEmpty ? ": \n\n" : text).utf8)
  }

  private func sees(_ id: JobID, _ progress: inout Progress) -> Bool {
    if let job { return id == job }
    if caller.role.seesEveryJob { return true }
    if let known = progress.seen[id] { return known }
    let found = ((try? core.store.job(id)) ?? nil).map { caller.sees($0) } ?? false
    if progress.seen.count >= EventLog.capacity { progress.seen = [:] }
    progress.seen[id] = found
    return found
  }

  private func end(of job: JobID, _ progress: inout Progress) -> [UInt8]? {
    progress.isOver = true
    guard let summary = try? core.summary(of: job) else { return nil }
    return Array(Self.text("end", id: Self.endID, summary).utf8)
  }

  /// JSON has no line breaks outside its strings, and inside they are escaped: one line of data does.
  private static func text(_ name: String, id: String, _ value: some Encodable) -> String {
    "id: \(id)\nevent: \(name)\ndata: \(Store.encode(value))\n\n"
  }
}

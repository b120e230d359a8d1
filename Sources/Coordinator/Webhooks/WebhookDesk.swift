import Foundation
import HTTP
import Logging
import Synchronization
import Wire

/// Sends messages about ends of jobs, a few at a time and beside all else, until they are delivered or given up.
final class WebhookDesk: @unchecked Sendable {
  /// Messages that are sent at a time; of one account one.
  private static let places = 4
  /// Messages that are looked at for those of accounts with nothing under way.
  private static let looked = 256
  /// Seconds after which the database is looked at although nobody said that there is something.
  private static let longestSleep = 30.0

  private let core: Core
  private let poster: WebPoster
  private let workers = DispatchQueue(label: "webhooks", attributes: .concurrent)
  private let condition = MonotonicCondition()
  // All that follows is touched only under `condition`.
  private var underWay: Set<String> = []
  private var isPoked = true
  private var isStopping = false

  init(core: Core, poster: WebPoster) {
    self.core = core
    self.poster = poster
    core.followers.watch { [weak self] event in
      if event.stage.isFinal { self?.poke() }
    }
  }

  /// Begins to send.
  func start() {
    let thread = Thread { [self] in
      while let pause = dispatch() { sleep(pause) }
    }
    thread.name = "webhooks"
    thread.start()
  }

  /// There may be something to send.
  func poke() {
    condition.locked {
      isPoked = true
      condition.broadcast()
    }
  }

  /// Begins nothing more, gives up what is under way, and returns when nothing is; it is sent again after the next start.
  func stop() {
    condition.lock()
    isStopping = true
    condition.broadcast()
    while !underWay.isEmpty { condition.wait() }
    condition.unlock()
  }

  private var isOver: Bool { condition.locked { isStopping } }

  private func sleep(_ seconds: Double) {
    let end = MonotonicCondition.uptime + seconds
    condition.lock()
    while !isPoked, !isStopping, condition.wait(untilUptime: end) {}
    isPoked = false
    condition.unlock()
  }

  /// Begins what can be begun; returns after how many seconds to look again, nil: never.
  private func dispatch() -> Double? {
    do throws(CoordinatorError) {
      for delivery in try core.store.dueDeliveries(at: Core.wallClock, limit: Self.looked) {
        let mayBegin = condition.locked {
          if isStopping || underWay.count >= Self.places { return false }
          return underWay.insert(delivery.account).inserted
        }
        if mayBegin { workers.async { [self] in deliver(delivery) } }
      }
      if isOver { return nil }
      // Whoever ends pokes: what is due already waits for that.
      let next = try core.store.nextDelivery().map { max(1, $0 - Core.wallClock) }
      return min(Self.longestSleep, next ?? Self.longestSleep)
    } catch {
      core.log(.error("messages about ends of jobs cannot be read: \(error)"))
      return isOver ? nil : Self.longestSleep
    }
  }

  private func deliver(_ delivery: DueDelivery) {
    defer {
      condition.locked {
        underWay.remove(delivery.account)
        isPoked = true
        condition.broadcast()
      }
    }
    do throws(CoordinatorError) {
      // Without a job there is nothing to say: the row goes with it.
      guard let record = try core.store.job(delivery.job) else { return }
      let began = Core.now
      let outcome = send(delivery, about: try core.summary(record))
      // What was given up because the coordinator ends was no attempt.
      guard let outcome else { return }
      let attempts = delivery.attempts + 1
      let verdict = WebhookSchedule.verdict(after: attempts, outcome)
      let now = Core.wallClock
      try core.store.record(
        delivery, attempts: attempts, state: verdict.state, status: verdict.status,
        detail: verdict.detail, due: verdict.pause.map { now + $0 }, at: now)
      let line: LogEntry =
        "job \(job: delivery.job): webhook to \(WebhookTarget.shown(delivery.url)): \(verdict.state.rawValue) after attempt \(attempts) (\(seconds: Core.now - began))\(verdict.detail.isEmpty ? "" : ": \(verdict.detail)")"
      core.log(verdict.state == .delivered ? line : .warning(line))
    } catch {
      core.log(.error("job \(job: delivery.job): its webhook cannot be sent: \(error)"))
    }
  }

  /// Sends a message once; nil where it was given up because the coordinator ends.
  private func send(_ delivery: DueDelivery, about job: JobSummary) -> WebhookSchedule.Outcome? {
    // What is in the database may have been changed by others.
    guard let target = try? WebhookTarget(delivery.url) else { return .failed("no address") }
    let time = Int(Core.wallClock)
    let body = Array(Store.encode(WebhookMessage(job, at: Core.wallClock)).utf8)
    let headers = [
      (name: "Content-Type", value: "application/json"), (name: "webhook-id", value: delivery.id),
      (name: "webhook-timestamp", value: "\(time)"),
      (
        name: "webhook-signature",
        value: core.webhookKeys.signature(
          of: body, id: delivery.id, time: time, account: delivery.account)
      ),
    ]
    switch poster.post(body, to: target.url, headers: headers, while: { [self] in !isOver }) {
    case .answered(let status): return .answered(status)
    case .refused: return .refused
    case .failed(let reason): return isOver ? nil : .failed(reason)
    }
  }
}

/// What is sent when a job has ended.
struct WebhookMessage: Encodable {
  /// `job.done`, `job.failed` or `job.cancelled`.
  let type: String
  /// When it was sent, in seconds since 1970.
  let timestamp: Double
  /// The job, as `GET /v1/jobs/{job}` shows it.
  var job: JobSummary

  init(_ job: JobSummary, at now: Double) {
    type = "job.\(job.stage.rawValue)"
    timestamp = now
    self.job = job
    // It would be about itself.
    self.job.webhooks = nil
  }
}

/// One message about a job's end, and what became of it so far.
public struct WebhookDelivery: Codable, Equatable, Sendable {
  /// Where it is.
  public enum State: String, Codable, Sendable {
    /// It is sent, or will be again.
    case waiting
    /// The receiver answered with a status of 2xx.
    case delivered
    /// It is not tried any more.
    case failed
  }

  /// The message's id, the same at every attempt: receivers know by it what they had already.
  public var id: String
  /// Scheme, host and port of the receiver.
  public var receiver: String
  /// Whether the operator's own webhook is meant, not the one that the job asked for.
  public var isOperators: Bool
  /// Where it is.
  public var state: State
  /// Attempts so far.
  public var attempts: Int
  /// The status of the last answer; nil without one.
  public var status: Int?
  /// Why the last attempt failed; empty where none did.
  public var detail: String
  /// When it last changed, in seconds since 1970.
  public var updated: Double
  /// When it is tried again, in seconds since 1970; nil: never.
  public var next: Double?
}

/// When a message is tried again, and when no more. Pure.
package enum WebhookSchedule {
  /// Attempts at one message.
  package static let attempts = 8
  /// Seconds after the first attempt; four times as many after each that follows.
  package static let firstPause: Double = 5
  /// The longest pause in seconds.
  package static let longestPause: Double = 4 * 3600

  /// What an attempt, the so-manieth, leads to.
  package static func verdict(
    after attempt: Int, _ outcome: Outcome
  ) -> (state: WebhookDelivery.State, pause: Double?, status: Int?, detail: String) {
    let (isDone, isHopeless, status, detail) = outcome.meaning
    if isDone { return (.delivered, nil, status, "") }
    if isHopeless || attempt >= attempts { return (.failed, nil, status, detail) }
    let pause = firstPause * Double(1 << (2 * min(max(0, attempt - 1), 16)))
    return (.waiting, min(longestPause, pause), status, detail)
  }

  /// What came of an attempt.
  package enum Outcome: Equatable, Sendable {
    case answered(Int)
    case refused
    case failed(String)

    fileprivate var meaning: (isDone: Bool, isHopeless: Bool, status: Int?, detail: String) {
      switch self {
      case .answered(let status) where (200..<300).contains(status): (true, false, status, "")
      case .answered(410): (false, true, 410, "the receiver wants no more (status 410)")
      case .answered(let status) where (300..<400).contains(status):
        (false, false, status, "redirects are not followed (status \(status))")
      case .answered(let status):
        (false, false, status, "the receiver answered with status \(status)")
      case .refused:
        // The name may mean another address later, and who is asked then is decided then.
        (false, false, nil, "its address is private, which the operator does not allow")
      case .failed(let reason): (false, false, nil, reason)
      }
    }
  }
}

/// What the coordinator has seen of a worker: troubles, lies, speed; and what follows for its next tasks. Pure.
///
/// Kept in the database, so that a restart of either side forgets nothing. Times are the board's; `shifted` moves them to
/// another clock.
package struct WorkerHealth: Codable, Equatable, Sendable {
  /// What went wrong with a task at a worker.
  package enum Trouble: String, Codable, Sendable {
    /// It said that it failed.
    case failure
    /// It was alive and did not answer.
    case stall
    /// It disappeared while it was computing.
    case loss
  }

  /// Why a worker gets no tasks although it is connected.
  package struct Cordon: Codable, Equatable, Sendable {
    /// Who decided it.
    package enum Cause: String, Codable, Sendable {
      /// Troubles in a row; ends by itself, with a probation.
      case troubles
      /// A proven lie; ends when an operator lifts it.
      case lie
      /// An operator.
      case command
      /// An operator who wants the machine back: it finishes what it holds and leaves.
      case drain
    }

    package let cause: Cause
    package let reason: String
    /// When it ends; nil: when an operator lifts it. For `drain`: when what the worker still holds goes elsewhere.
    package var until: Double?

    /// A cordon.
    package init(cause: Cause, reason: String, until: Double? = nil) {
      self.cause = cause
      self.reason = reason
      self.until = until
    }
  }

  /// Seconds of rest after a first trouble, unless others waited; they double with every one that follows without an
  /// answer between.
  package static let firstRest: Double = 0.25
  /// The longest rest in seconds.
  package static let longestRest: Double = 60
  /// Troubles in a row that cordon a worker.
  package static let patience = 5
  /// Seconds of a first cordon; they double with every one that follows.
  package static let firstCordon: Double = 60
  /// The longest automatic cordon in seconds.
  package static let longestCordon: Double = 3600
  /// Answers after which a worker that was cordoned is trusted as before.
  package static let probation = 10
  /// Seconds of one thread that say something about a worker's speed.
  package static let leastMeasured: Double = 0.5
  /// An answer restores one part in so many of the memory that a worker is believed to have.
  package static let restoredPart: UInt64 = 64
  /// Speeds are kept within these bounds.
  package static let speeds = 0.01...16.0

  package var failures = 0
  package var stalls = 0
  package var losses = 0
  package var lies = 0
  /// Fresh answers and finished keys.
  package var answers = 0
  /// Predicted seconds divided by measured ones, of late; nil where nothing was measured.
  package var speed: Double?
  /// Troubles since the last answer.
  package var troublesInARow = 0
  /// Automatic cordons since it was last trusted.
  package var cordons = 0
  /// Answers since the last cordon ended.
  package var answersOnProbation = 0
  /// Until when it rests.
  package var restsUntil: Double = 0
  package var cordon: Cordon?
  /// What went wrong last, in words.
  package var lastTrouble: String?
  /// Bytes that it can hold, as its losses show; nil: as many as it says.
  package var memory: UInt64?

  /// A worker that nothing is known of.
  package init() {}

  /// Counts above this are nobody's record.
  private static let mostCounted = 1 << 48
  /// Times of a clock, in seconds; thirty thousand years either way.
  private static let times = -1e12...1e12

  /// Whether it can be the record of a worker: counts that can go on growing, times of a clock, a speed within bounds.
  package var isPlausible: Bool {
    let counts = [
      failures, stalls, losses, lies, answers, troublesInARow, cordons, answersOnProbation,
    ]
    return counts.allSatisfy { (0...Self.mostCounted).contains($0) }
      && Self.times.contains(restsUntil) && cordon?.until.map(Self.times.contains) ?? true
      && speed.map(Self.speeds.contains) ?? true
  }

  /// How many times as long as others waited for it in vain a worker rests.
  package static let restPerWait: Double = 4

  /// A task went wrong at the worker, after others had waited for it so many seconds in vain.
  package mutating func note(
    _ trouble: Trouble, _ reason: String, waited: Double = 0, at now: Double
  ) {
    switch trouble {
    case .failure: failures += 1
    case .stall: stalls += 1
    case .loss: losses += 1
    }
    lastTrouble = reason
    troublesInARow += 1
    let doubled = Self.firstRest * Double(1 << min(troublesInARow - 1, 20))
    let rest = max(doubled, Self.restPerWait * waited)
    restsUntil = max(restsUntil, now + min(Self.longestRest, rest))
    guard troublesInARow >= Self.patience || isOnProbation, cordon == nil else { return }
    let length = min(Self.longestCordon, Self.firstCordon * Double(1 << min(cordons, 20)))
    cordons += 1
    answersOnProbation = 0
    cordon = Cordon(
      cause: .troubles, reason: "\(troublesInARow) troubles in a row, the last: \(reason)",
      until: now + length)
  }

  /// The worker, which offers so many bytes, answered something that nobody had answered before.
  ///
  /// Where it is believed to have less than it offers, every answer restores a little of it.
  package mutating func noteAnswer(offered: UInt64 = .max) {
    answers += 1
    if let believed = memory {
      let (restored, overflow) = believed.addingReportingOverflow(
        max(1, believed / Self.restoredPart))
      memory = overflow || restored >= offered ? nil : restored
    }
    troublesInARow = 0
    restsUntil = 0
    if cordons > 0 {
      answersOnProbation += 1
      if answersOnProbation >= Self.probation { (cordons, answersOnProbation) = (0, 0) }
    }
  }

  /// The worker did work that was predicted to take `cost` seconds of one thread in `seconds` of one thread.
  package mutating func noteSpeed(cost: Double, seconds: Double) {
    guard cost > 0, seconds >= Self.leastMeasured else { return }
    let measured = Self.bounded(cost / seconds)
    speed = speed.map { Self.bounded(0.7 * $0 + 0.3 * measured) } ?? measured
  }

  /// Another worker did the worker's work while it was still at it, in this part of its time.
  package mutating func noteStraggling(factor: Double) {
    speed = Self.bounded((speed ?? 1) * min(0.5, max(0.1, factor)))
  }

  /// The worker lied; only an operator makes it work again.
  package mutating func noteLie(_ reason: String) {
    lies += 1
    lastTrouble = reason
    cordon = Cordon(cause: .lie, reason: reason)
  }

  /// The worker's process ended without a word while its tasks took so many bytes, of those that it offers.
  ///
  /// Where that was more than half of what it is believed to have, it is believed to have less.
  package mutating func noteLoss(holding bytes: UInt64, offered: UInt64) {
    let believed = min(offered, memory ?? offered)
    if bytes > believed / 2 { memory = bytes / 4 * 3 }
  }

  /// Whether the worker has to show that it is well again: one task at a time.
  package var isOnProbation: Bool { cordons > 0 && cordon == nil }

  /// Ends a cordon whose time is over; the next trouble makes another one.
  package mutating func expire(at now: Double) -> Bool {
    guard let cordon, cordon.cause == .troubles, let until = cordon.until, until <= now else {
      return false
    }
    self.cordon = nil
    troublesInARow = 0
    return true
  }

  /// What an operator's word makes of it: troubles and lies stay in the record, their consequences do not.
  package mutating func pardon() {
    cordon = nil
    troublesInARow = 0
    cordons = 0
    answersOnProbation = 0
    restsUntil = 0
    memory = nil
  }

  /// The same with times on a clock that is ahead by so many seconds.
  package func shifted(by seconds: Double) -> WorkerHealth {
    var copy = self
    if restsUntil > 0 { copy.restsUntil += seconds }
    if let until = cordon?.until { copy.cordon?.until = until + seconds }
    return copy
  }

  private static func bounded(_ speed: Double) -> Double {
    min(speeds.upperBound, max(speeds.lowerBound, speed))
  }
}

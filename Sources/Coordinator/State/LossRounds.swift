/// Losses of a job in rounds: what is lost within a few seconds has one cause, a switch or a power line perhaps, and counts once.
///
/// A worker that joined after a round began was not hit by its cause: losing it is another round.
struct LossRounds: Equatable, Sendable {
  /// Seconds from a round's first loss to its last.
  static let seconds = 5.0

  private var latest = 0
  private var began = -Double.infinity
  /// The first round since the job last got on.
  private var first = 1
  private var parts: [Int: Double] = [:]

  /// The round of a loss at this time, of a worker that had joined then.
  mutating func round(at now: Double, joined: Double) -> Int {
    if now - began > Self.seconds || joined > began { (latest, began) = (latest + 1, now) }
    return latest
  }

  /// Puts a part of a loss down to the job: of the losses of one round the largest part counts.
  mutating func blame(_ part: Double, in round: Int) {
    if round >= first { parts[round] = max(parts[round] ?? 0, part) }
  }

  /// The job got on: what was lost before says nothing.
  mutating func clear() {
    parts = [:]
    first = latest + 1
  }

  /// What is put down to the job.
  var total: Double { parts.values.reduce(0, +) }
}

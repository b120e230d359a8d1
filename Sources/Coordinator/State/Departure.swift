/// A worker that was lost without a word, while it may still come back.
///
/// A connection that breaks looks the same from here whether the network or the process failed. The same process coming
/// back says that it was the network; another one, or none within a lease, that it was the process.
package struct Departure: Equatable, Sendable {
  /// How much of a loss is put down to its tasks where it was the network's. Not nothing: answers that always break the
  /// connection must not go on for ever.
  package static let networkPart = 0.25

  /// The worker as it was.
  package let worker: BoardWorker
  var lostAt: Double
  /// Bytes that its tasks took; nil where it owed no answer.
  let holding: UInt64?
  /// The parts that jobs had of it, and the rounds of their losses.
  let parts: [JobID: Part]
  /// The tasks that it owed an answer for.
  let tasks: [TaskID]
  /// Whether a lease has passed.
  var isDecided = false

  /// A job's part of a loss.
  struct Part: Equatable, Sendable {
    let part: Double
    let round: Int
  }
}

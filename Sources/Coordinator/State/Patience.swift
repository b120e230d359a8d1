/// How long workers get for an answer: the least times, in seconds, and how often the predicted time.
///
/// Predictions are for one step of a share at most as long as for all of its steps, so a worker at its usual speed is far
/// from these limits. A worker that only seems stuck loses nothing but a task.
package struct Patience: Equatable, Sendable {
  /// Before another, idle worker does the task as well, where the holder has answered before.
  package var toShadow: Double
  /// The same for a first answer, for which circuits and parameters may have to be fetched.
  package var toShadowFirst: Double
  /// Times the predicted seconds of the task on the idle worker, in both cases.
  package var shadowFactor: Double = 2
  /// The least speed that an idle worker is believed to have for that: of tiny tasks, what is measured is mostly waiting.
  static let leastSpeed = 0.25
  /// Before a worker counts as stuck.
  package var toStall: Double
  /// Times the predicted seconds of the task on the worker itself.
  package var stallFactor: Double = 30

  /// The defaults of `serve`, unless given.
  package init(toShadow: Double = 5, toShadowFirst: Double = 15, toStall: Double = 180) {
    self.toShadow = toShadow
    self.toShadowFirst = toShadowFirst
    self.toStall = toStall
  }
}

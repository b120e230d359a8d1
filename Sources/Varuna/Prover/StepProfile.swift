/// What one step of a share took.
public struct StepProfile: Equatable, Sendable {
  /// The step.
  public var step: ShareStep
  /// Seconds of wall time.
  public var seconds: Double
  /// Numbers of scalars of the multi-scalar multiplications, in order.
  public var msmSizes: [Int]
}

/// Records the profile of a share's steps.
struct StepRecorder {
  private(set) var profile: [StepProfile] = []
  private let clock = ContinuousClock()
  private var start: ContinuousClock.Instant?

  /// Begins a step.
  mutating func begin(_ step: ShareStep) {
    profile.append(StepProfile(step: step, seconds: 0, msmSizes: []))
    start = clock.now
  }

  /// Notes a multi-scalar multiplication of the current step.
  mutating func noteMSM(_ count: Int) { profile[profile.count - 1].msmSizes.append(count) }

  /// Ends the current step.
  mutating func end() {
    guard let start else { return }
    let (seconds, attoseconds) = (clock.now - start).components
    profile[profile.count - 1].seconds = Double(seconds) + Double(attoseconds) * 1e-18
  }
}

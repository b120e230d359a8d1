import Algebra
import Glibc

/// What one step of a share took.
public struct StepProfile: Equatable, Sendable {
  /// One call of a kernel.
  public struct Kernel: Equatable, Sendable {
    /// What is counted apart; the rest of a step is linear in the sizes.
    public enum Kind: String, Sendable, CaseIterable {
      /// A multi-scalar multiplication; its size is the number of scalars.
      case multiScalar
      /// A transform; its size is that of the domain.
      case transform
    }

    /// Which kernel.
    public var kind: Kind
    /// Scalars or elements.
    public var size: Int
    /// Seconds of wall time.
    public var seconds: Double
  }

  /// The step.
  public var step: ShareStep
  /// Seconds of wall time.
  public var seconds: Double
  /// Seconds of processor time of the whole process meanwhile.
  public var cpuSeconds: Double
  /// The kernels' calls, in order.
  public var kernels: [Kernel]

  /// Sizes of the calls of one kernel.
  public func sizes(_ kind: Kernel.Kind) -> [Int] {
    kernels.filter { $0.kind == kind }.map(\.size)
  }
}

/// Records the profile of a share's steps.
final class StepRecorder {
  private(set) var profile: [StepProfile] = []
  private var start = (wall: 0.0, cpu: 0.0)

  /// Begins a step.
  func begin(_ step: ShareStep) {
    profile.append(StepProfile(step: step, seconds: 0, cpuSeconds: 0, kernels: []))
    start = (Self.seconds(CLOCK_MONOTONIC), Self.seconds(CLOCK_PROCESS_CPUTIME_ID))
  }

  /// Runs a kernel and notes what it took.
  func time<T, E: Error>(
    _ kind: StepProfile.Kernel.Kind, _ size: Int, _ body: () throws(E) -> T
  ) throws(E) -> T {
    let start = Self.seconds(CLOCK_MONOTONIC)
    let result = try body()
    profile[profile.count - 1].kernels.append(
      StepProfile.Kernel(kind: kind, size: size, seconds: Self.seconds(CLOCK_MONOTONIC) - start))
    return result
  }

  /// Runs a transform and notes what it took.
  func transform(_ domain: Domain, _ body: () -> Void) { time(.transform, domain.size, body) }

  /// Ends the current step.
  func end() {
    profile[profile.count - 1].seconds = Self.seconds(CLOCK_MONOTONIC) - start.wall
    profile[profile.count - 1].cpuSeconds = Self.seconds(CLOCK_PROCESS_CPUTIME_ID) - start.cpu
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

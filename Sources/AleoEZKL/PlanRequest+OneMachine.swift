import Model
import Varuna

extension PlanRequest {
  /// The request of one machine: circuits as large as these parameters allow, inputs and outputs public.
  ///
  /// - Parameter powers: a power of two of at least 2^12: the most powers of tau that there are going to be.
  public static func onOneMachine(powers: Int) -> PlanRequest {
    PlanRequest(
      workers: 1, limits: PlanLimits(SRSLimits(powers: powers + 4, shifted: powers)))
  }
}

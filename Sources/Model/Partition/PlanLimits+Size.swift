import Algebra
import Circuit
import Varuna

extension PlanLimits {
  /// The largest powers of two within these limits: what domains can be filled to.
  var wholeDomains: PlanLimits {
    func floor(_ count: Int) -> Int {
      count < 1 ? count : 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
    }
    return PlanLimits(
      constraints: floor(constraints), variables: floor(variables), nonzeros: floor(nonzeros))
  }

  /// Whether a circuit that may be `caution` times as large as predicted keeps the limits.
  func hold(_ size: CircuitSize, caution: Double) -> Bool {
    caution * size.constraints <= Double(constraints)
      && caution * size.variables <= Double(variables)
      && caution * size.nonzeros <= Double(nonzeros)
  }

  /// How many times the limits a circuit needs; more than 1 where it is too large.
  func excess(of circuit: Plan.PlannedCircuit) -> Double {
    let total = circuit.counts.total
    let variables = Domain.size(atLeast: circuit.counts.publicCount) + total.privateVariables
    let needs = [
      (total.constraints, constraints), (variables, self.variables),
      (total.largestNonzeros, nonzeros),
    ]
    return needs.map { Double($0) / Double($1) }.max() ?? 0
  }
}

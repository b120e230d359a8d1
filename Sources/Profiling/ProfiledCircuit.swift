import Algebra
import Varuna

/// A constraint system and values that satisfy it: what is proven again and again.
public struct ProfiledCircuit: Sendable {
  /// The constraint system.
  public let r1cs: R1CS
  /// 1, then the other public inputs.
  public let publicInputs: [Fr]
  private let privateValues: [Fr]

  /// A system with one assignment.
  public init(r1cs: R1CS, publicInputs: [Fr], privateValues: [Fr]) {
    self.r1cs = r1cs
    self.publicInputs = publicInputs
    self.privateValues = privateValues
  }

  /// The assignment with the randomizers of a seed.
  public func assignment(_ seed: InstanceSeed) -> [Fr] {
    r1cs.assignment(
      publicInputs: publicInputs, privateValues: privateValues, randomizer: seed.randomizer)
  }
}

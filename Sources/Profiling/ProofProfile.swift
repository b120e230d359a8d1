import Algebra
import Varuna

/// Where the time and the multiplications of a proof go, step by step and kernel by kernel, against the cost model.
///
/// The specification (chapter 12) says how many scalars and butterflies a step needs; what is measured is compared with
/// these, and its time with the products of the kernels times the cost of one. Everything else is linear in the sizes and
/// not modelled.
public struct ProofProfile: Codable, Sendable {
  /// What one step of a share took.
  public struct Step: Codable, Sendable {
    /// The share.
    public let share: String
    /// The step.
    public let step: String
    /// Everything, of all threads.
    public let usage: ProcessUsage
    /// Wall seconds in multi-scalar multiplications.
    public let multiScalarSeconds: Double
    /// Wall seconds in transforms.
    public let transformSeconds: Double
    /// Scalars and butterflies.
    public let counts: StepCounts
    /// The same by the specification.
    public let specified: StepCounts
    /// Products in Fq of the multi-scalar multiplications.
    public let fqProducts: Int
    /// Seconds of one core that the products of both kernels take by themselves.
    public let modelSeconds: Double
  }

  /// Threads of every kernel.
  public let threads: Int
  /// Instances of the circuit in the proof.
  public let instances: Int
  /// |R|, |C| and |K| of A, B and C.
  public let domains: [Int]
  /// Making the verifying key.
  public let index: ProcessUsage
  /// Making the proof.
  public let proof: ProcessUsage
  /// Verifying it.
  public let verification: ProcessUsage
  /// Making the witness basis, if one was used.
  public let basis: ProcessUsage?
  /// The steps of the proof.
  public let steps: [Step]

  /// Indexes, proves twice and verifies; what is reported is the second proof.
  ///
  /// - Parameters:
  ///   - part: what is proven.
  ///   - srs: the powers of tau.
  ///   - threads: width of all steps.
  ///   - withBasis: whether witnesses are committed to by their values.
  ///   - costs: what single products cost, measured at first use.
  public static func measure(
    _ part: ProofSession.Part, srs: SRS, threads: Int, withBasis: Bool,
    _ costs: inout MultiplicationCosts
  ) throws -> ProofProfile {
    var session = ProofSession([part], srs: srs, threads: threads)
    let index = try ProcessUsage.measure { try session.index() }
    let basis = withBasis ? try ProcessUsage.measure { try session.makeBases() } : nil
    try session.prove()
    let proof = try ProcessUsage.measure { try session.prove() }
    try session.verify()
    let verification = try ProcessUsage.measure { try session.verify() }
    let shape = session.indexed[0].circuit.shape
    let values = session.committedValues
    return ProofProfile(
      threads: threads, instances: part.instances, domains: [shape.R, shape.C] + shape.K,
      index: index, proof: proof, verification: verification, basis: basis,
      steps: session.steps.map { share, step in
        let specified = StepCounts(
          specifiedFor: step.step, of: share, shape, instances: part.instances,
          variables: withBasis ? part.circuit.r1cs.variableCount : nil)
        return Self.step(
          share, step, specified, values: step.step == .witness ? values : nil, &costs)
      })
  }

  /// What a share does in a step; the openings are made where there is time for them.
  private static func name(_ step: ShareStep, of share: ShareID) -> String {
    switch (step, share) {
    case (.beta, .instances): "opening at alpha"
    case (.opening, .instances): "opening at beta"
    case (.opening, .matrix): "opening at gamma"
    default: step.name
    }
  }

  private static func step(
    _ share: ShareID, _ step: StepProfile, _ specified: StepCounts, values: [[Fr]]?,
    _ costs: inout MultiplicationCosts
  ) -> Step {
    func seconds(_ kind: StepProfile.Kernel.Kind) -> Double {
      step.kernels.filter { $0.kind == kind }.reduce(0) { $0 + $1.seconds }
    }
    let counts = StepCounts(step)
    // The mask follows the commitments to values.
    let sizes = step.sizes(.multiScalar).dropFirst(values?.count ?? 0)
    let products =
      sizes.reduce(0) { $0 + costs.products(full: $1) }
      + (values ?? []).reduce(0) { $0 + costs.products($1) }
    return Step(
      share: share.description, step: name(step.step, of: share),
      usage: ProcessUsage(cpuSeconds: step.cpuSeconds, wallSeconds: step.seconds),
      multiScalarSeconds: seconds(.multiScalar), transformSeconds: seconds(.transform),
      counts: counts, specified: specified, fqProducts: products,
      modelSeconds: Double(products) * costs.fq + Double(counts.butterflies) * costs.fr)
  }
}

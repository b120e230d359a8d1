import Algebra
import Varuna

/// Circuits with everything that is needed to index, prove and verify them again and again.
public struct ProofSession {
  /// A circuit and how many instances of it one proof covers.
  public struct Part: Sendable {
    let circuit: ProfiledCircuit
    let instances: Int

    /// So many instances of a circuit.
    public init(_ circuit: ProfiledCircuit, instances: Int = 1) {
      (self.circuit, self.instances) = (circuit, instances)
    }
  }

  let parts: [Part]
  let srs: SRS
  let threads: Int
  /// The circuits and their keys, from the last indexing.
  private(set) var indexed: [(circuit: IndexedCircuit, key: VerifyingKey)] = []
  /// What every step of the last proof took.
  public private(set) var steps: [(share: ShareID, step: StepProfile)] = []
  private var proof: Proof?
  private var statement: Statement?
  private var bases: [WitnessBasis.Domains: WitnessBasis] = [:]
  private let seed = GroupSeed([UInt8](repeating: 7, count: 32))

  /// A session over powers that suffice for the circuits.
  public init(_ parts: [Part], srs: SRS, threads: Int) {
    self.parts = parts
    self.srs = srs
    self.threads = threads
  }

  /// Development powers for these circuits.
  public static func parameters(for parts: [Part], threads: Int) -> SRS {
    let sizes = parts.flatMap { part in
      let r1cs = part.circuit.r1cs
      return [r1cs.constraintCount, r1cs.variableCount] + r1cs.matrices.map(\.nonzeros)
    }
    return SRS.development(seed: "benchmark", degree: sizes.max() ?? 2, threads: threads)
  }

  /// Makes the verifying keys, from nothing but the matrices.
  public mutating func index() throws {
    indexed = try parts.map { part in
      let circuit = try IndexedCircuit(part.circuit.r1cs, threads: threads)
      return (circuit, try circuit.verifyingKey(srs, threads: threads))
    }
  }

  /// Makes the witness bases that later proofs use.
  public mutating func makeBases() throws {
    if indexed.isEmpty { try index() }
    for (circuit, _) in indexed {
      let domains = WitnessBasis.Domains(circuit.shape)
      if bases[domains] == nil { bases[domains] = try WitnessBasis(domains, srs, threads: threads) }
    }
  }

  /// Makes a proof; index polynomials are already there, as in a worker that has made the key.
  public mutating func prove() throws {
    var steps: [(ShareID, StepProfile)] = []
    let jobs = try jobs()
    statement = try OneMachineProver.statement(jobs)
    proof = try OneMachineProver.prove(
      srs, version: .v3, jobs: jobs, seed: seed, bases: bases, threads: threads
    ) { share, step in steps.append((share, step)) }
    self.steps = steps
  }

  /// Verifies the last proof, from its bytes.
  public mutating func verify() throws {
    if proof == nil { try prove() }
    guard let proof, let statement else { preconditionFailure("just proven") }
    let verdict = Verifier.verify(
      proofBytes: proof.bytes, statement, version: .v3, parameters: srs.verifier)
    precondition(verdict == .accepted, "the benchmark's proof was rejected")
  }

  /// The scalars of the commitments to witnesses, if they are values of the witnesses.
  var committedValues: [[Fr]]? {
    guard !bases.isEmpty, let jobs = try? makeJobs() else { return nil }
    return jobs.flatMap(\.assignments)
  }

  private mutating func jobs() throws -> [OneMachineProver.Job] {
    if indexed.isEmpty { try index() }
    return try makeJobs()
  }

  /// Blinding goes by place in the proof, which is by circuit id; the randomizers only have to be valid.
  private func makeJobs() throws -> [OneMachineProver.Job] {
    zip(parts, indexed).enumerated().map { number, part in
      let assignments = (0..<part.0.instances).map {
        part.0.circuit.assignment(seed.instance(InstanceIndex(circuit: number, instance: $0)))
      }
      return (part.1.circuit, part.1.key, assignments)
    }
  }
}

import Algebra
import Varuna

/// Synthetic circuits with everything that is needed to index, prove and verify them again and again.
struct ProofSession {
  /// A circuit and how many instances of it one proof covers.
  struct Part {
    var shape: SyntheticCircuit.Shape
    var instances = 1
  }

  let srs: SRS
  let threads: Int
  /// The circuits and their keys, from the last indexing.
  private(set) var indexed: [(circuit: IndexedCircuit, key: VerifyingKey)] = []
  /// The last proof.
  private(set) var proof: Proof?
  private var statement: Statement?
  /// What every step of the last proof took.
  private(set) var profile: [(share: ShareID, step: StepProfile)] = []
  private let circuits: [(circuit: SyntheticCircuit, instances: Int)]
  private let seed = GroupSeed([UInt8](repeating: 7, count: 32))

  /// A session over powers that suffice for the circuits.
  init(_ parts: [Part], srs: SRS, threads: Int) {
    circuits = parts.enumerated().map {
      (SyntheticCircuit($1.shape, seed: UInt64($0)), $1.instances)
    }
    self.srs = srs
    self.threads = threads
  }

  /// Development powers for circuits of these shapes.
  static func parameters(for parts: [Part], threads: Int) -> SRS {
    let sizes = parts.flatMap { [$0.shape.constraints, $0.shape.variables] + $0.shape.nonzeros }
    return SRS.development(seed: "benchmark", degree: sizes.max() ?? 2, threads: threads)
  }

  /// Makes the verifying keys, from nothing but the matrices.
  mutating func index() throws {
    indexed = try circuits.map { part in
      let circuit = try IndexedCircuit(part.circuit.r1cs, threads: threads)
      return (circuit, try circuit.verifyingKey(srs, threads: threads))
    }
  }

  /// Makes a proof; index polynomials are already there, as in a worker that has made the key.
  mutating func prove() throws {
    var steps: [(ShareID, StepProfile)] = []
    let jobs = try jobs()
    statement = try OneMachineProver.statement(jobs)
    proof = try OneMachineProver.prove(
      srs, version: .v3, jobs: jobs, seed: seed, threads: threads
    ) { share, step in steps.append((share, step)) }
    profile = steps
  }

  /// Verifies the last proof, from its bytes.
  mutating func verify() throws {
    if proof == nil { try prove() }
    guard let proof, let statement else { preconditionFailure("just proven") }
    let verdict = Verifier.verify(
      proofBytes: proof.bytes, statement, version: .v3, parameters: srs.verifier)
    precondition(verdict == .accepted, "the benchmark's proof was rejected")
  }

  private mutating func jobs() throws -> [OneMachineProver.Job] {
    if indexed.isEmpty { try index() }
    // Blinding goes by place in the proof, which is by circuit id; the randomizers only have to be valid.
    return zip(circuits, indexed).enumerated().map { number, part in
      let assignments = (0..<part.0.instances).map {
        part.0.circuit.assignment(seed.instance(InstanceIndex(circuit: number, instance: $0)))
      }
      return (part.1.circuit, part.1.key, assignments)
    }
  }
}

import Algebra
import Model
import ProofAggregation
import Varuna
import Wire

/// What a job proves: a model under a plan, or circuits and witnesses as they were given.
///
/// The rounds need circuits, instances and groups only; what they mean is the statement's business.
protocol JobStatement: Sendable {
  /// SHA-256 of everything that decides the statement's form.
  var digest: [UInt8] { get }
  /// The plan as JSON of a `PlanReport`.
  var planText: String { get }
  /// Distinct circuits.
  var circuits: [ProvenCircuit] { get }
  /// All instances; groups refer to them by index.
  var instances: [ProvenInstance] { get }
  /// Circuits and instances of each batch proof.
  var groups: [Plan.Group] { get }

  /// The constraint system of a circuit, made anew.
  func r1cs(ofCircuit number: Int) throws(CoordinatorError) -> R1CS

  /// Stores the artifacts that hold circuits and witnesses, where they are not there already.
  func storeArtifacts() throws(CoordinatorError)

  /// The assignment of an instance of a circuit, without the randomizers. Secret.
  func witness(
    ofInstance number: Int, circuit: Int
  ) throws(CoordinatorError) -> (publicInputs: [Fr], privateValues: [Fr])

  /// The document with these proofs and the keys of all circuits; nothing in it is verified yet.
  func document(
    proofs: [[UInt8]], keys: [VerifyingKey], making: DocumentMaking
  ) throws(CoordinatorError) -> ProofDocument
}

/// A circuit of a job as workers know it.
struct ProvenCircuit: Sendable {
  /// The artifact that the circuit is made from.
  let program: Digest
  /// Its sizes.
  let domains: CostModel.Domains
}

/// One instance of a job.
struct ProvenInstance: Sendable {
  /// The artifact that its witness is made from.
  let witness: Digest
  /// 1, then the public inputs.
  let publicInputs: [Fr]
}

/// What all documents have in common: how their proofs were made.
struct DocumentMaking: Sendable {
  let version: VarunaVersion
  let srs: ProofDocument.SRSReference
  let timings: ProofDocument.Timings
}

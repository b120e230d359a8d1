import Algebra
import Circuit
import Model
import ProofAggregation
import Varuna
import Wire

/// The statement of a model's job: the plan, the values of every boundary, and what is known of the model.
///
/// Secret: the assignment holds every activation of the model.
struct ModelStatement {
  let plan: Plan
  let assignment: PlanAssignment
  let run: QuantizedRun
  let reference: ProofDocument.ModelReference
  let planText: String
  let circuits: [ProvenCircuit]
  let instances: [ProvenInstance]
  private let artifacts: ArtifactStore

  /// Nothing is stored yet.
  init(
    plan: Plan, assignment: PlanAssignment, run: QuantizedRun,
    reference: ProofDocument.ModelReference, planText: String, artifacts: ArtifactStore
  ) {
    self.plan = plan
    self.assignment = assignment
    self.run = run
    self.reference = reference
    self.planText = planText
    self.artifacts = artifacts
    instances = plan.chunks.indices.map { chunk in
      ProvenInstance(
        witness: Digest(of: assignment.instance(ofChunk: chunk).canonicalBytes),
        publicInputs: assignment.publicInputs(ofChunk: chunk))
    }
    circuits = plan.circuits.map { circuit in
      ProvenCircuit(
        program: Digest(of: circuit.program.canonicalBytes), domains: circuit.domains)
    }
  }

  /// The constraint system of a circuit, made anew.
  func r1cs(ofCircuit number: Int) throws(CoordinatorError) -> R1CS {
    do {
      return try plan.circuits[number].program.compile().r1cs
    } catch {
      throw .badJob("circuit \(number) cannot be built: \(error)")
    }
  }

  /// Stores the artifacts that hold circuits and witnesses, where they are not there already.
  func storeArtifacts() throws(CoordinatorError) {
    do {
      for (circuit, planned) in zip(circuits, plan.circuits)
      where !artifacts.contains(circuit.program) {
        try artifacts.add(planned.program.canonicalBytes)
      }
      for (chunk, instance) in instances.enumerated() where !artifacts.contains(instance.witness) {
        try artifacts.add(assignment.instance(ofChunk: chunk).canonicalBytes)
      }
    } catch {
      throw CoordinatorError(error)
    }
  }

  /// The assignment of an instance of a circuit, without the randomizers. Secret.
  func witness(
    ofInstance number: Int, circuit: Int
  ) throws(CoordinatorError) -> (publicInputs: [Fr], privateValues: [Fr]) {
    do {
      let witness = try plan.circuits[circuit].program.witness(
        assignment.instance(ofChunk: number))
      return (witness.publicInputs, witness.privateValues)
    } catch {
      throw .badJob("chunk \(number) has no witness: \(error)")
    }
  }

  /// The statement without the model: what rounds and the document need.
  var statement: JobStatement {
    JobStatement(
      digest: plan.digest, planText: planText, circuits: circuits, instances: instances,
      groups: plan.groups.map { group in
        group.circuits.map { JobStatement.Member(circuit: $0.circuit, instances: $0.chunks) }
      },
      draft: ProofDocument(
        of: run.model, reference: reference, assignment: assignment, inputs: run.inputValues,
        layout: DocumentLayout(plan: plan), proofs: [], varunaVersion: .v3, srs: .undecided,
        timings: .none))
  }
}

extension ProofDocument.SRSReference {
  /// Stands in drafts until the parameters are known.
  static var undecided: Self { Self(id: "", kind: .development, seed: nil) }
}

extension ProofDocument.Timings {
  /// Stands in drafts until there are times.
  static var none: Self {
    Self(
      planSeconds: 0, indexSeconds: 0, proveSeconds: 0, verifySeconds: 0, totalSeconds: 0,
      workers: [])
  }
}

import Algebra
import Circuit
import Model
import ProofAggregation
import Varuna
import Wire

/// The statement of a model's job: the plan, the values of every boundary, and what is known of the model.
///
/// Secret: the assignment holds every activation of the model.
struct ModelStatement: JobStatement {
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

  var digest: [UInt8] { plan.digest }
  var groups: [Plan.Group] { plan.groups }

  func r1cs(ofCircuit number: Int) throws(CoordinatorError) -> R1CS {
    do {
      return try plan.circuits[number].program.compile().r1cs
    } catch {
      throw .badJob("circuit \(number) cannot be built: \(error)")
    }
  }

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

  func document(
    proofs: [[UInt8]], keys: [VerifyingKey], making: DocumentMaking
  ) throws(CoordinatorError) -> ProofDocument {
    let layout = DocumentLayout(plan: plan, keys: keys)
    let groups = proofs.indices.map { number in
      ProofDocument.Group(
        verifyingKeys: layout.keys[number].map { Hexadecimal.encode($0.bytes) },
        publicInputs: layout.chunks(ofGroup: number).map { chunks in
          chunks.map { instances[$0].publicInputs.map(\.decimal) }
        },
        proof: Hexadecimal.encode(proofs[number]))
    }
    let request = plan.request
    var document = ProofDocument(
      varunaVersion: making.version.rawValue, aggregate: request.aggregation, srs: making.srs,
      model: reference,
      plan: ProofDocument.PlanReference(
        digest: Hexadecimal.encode(plan.digest), recipe: run.recipe(request)),
      groups: groups, links: layout.links, inputs: inputs(layout), outputs: outputs(layout),
      timings: making.timings)
    document.chunks = layout.chunks
    if !plan.parameters.isEmpty { document.parameters = parameters(layout) }
    return document
  }

  private func inputs(_ layout: DocumentLayout) -> [BoundTensor] {
    plan.inputs.indices.map { index in
      let tensor = run.inputs[index]
      let values = run.inputValues[index]
      return BoundTensor(
        name: tensor.name, shape: tensor.shape, scaleBits: tensor.scaleBits,
        visibility: plan.request.inputVisibility,
        pieces: [Plan.OutputPiece(boundary: plan.inputs[index], start: 0, count: values.count)],
        layout: layout, commitments: assignment.commitments, integers: values)
    }
  }

  private func parameters(_ layout: DocumentLayout) -> [BoundTensor] {
    plan.parameters.indices.map { index in
      let port = run.parameters[index].port
      return BoundTensor(
        name: port.name, shape: port.shape, scaleBits: port.scaleBits,
        visibility: plan.request.parameterVisibility ?? .hashed, pieces: plan.parameters[index],
        layout: layout, commitments: assignment.commitments, integers: [])
    }
  }

  private func outputs(_ layout: DocumentLayout) -> [BoundTensor] {
    plan.outputs.indices.map { index in
      let tensor = run.outputs[index]
      return BoundTensor(
        name: tensor.name, shape: tensor.shape, scaleBits: tensor.scaleBits,
        visibility: plan.request.outputVisibility, pieces: plan.outputs[index], layout: layout,
        commitments: assignment.commitments, integers: assignment.outputs[index])
    }
  }
}

import AleoEZKL
import Model
import Wire

extension JobStatement {
  /// The statement of a model's job, without the model: what rounds and the document need.
  init(_ model: ModelStatement, planText: String) {
    let plan = model.run.plan
    self.init(
      digest: plan.digest, planText: planText,
      circuits: plan.circuits.map { circuit in
        ProvenCircuit(
          program: Digest(of: circuit.program.canonicalBytes), domains: circuit.domains)
      },
      instances: plan.chunks.indices.map { chunk in
        ProvenInstance(
          witness: Digest(of: model.assignment.instance(ofChunk: chunk).canonicalBytes),
          publicInputs: model.assignment.publicInputs(ofChunk: chunk))
      },
      groups: plan.groups.map { group in
        group.circuits.map { Member(circuit: $0.circuit, instances: $0.chunks) }
      },
      draft: model.draft)
  }

  /// Stores the artifacts that hold the circuits and witnesses of the model, where they are not there already.
  func store(
    _ model: ModelStatement, in artifacts: ArtifactStore
  ) throws(CoordinatorError) {
    do {
      for (circuit, planned) in zip(circuits, model.run.plan.circuits)
      where !artifacts.contains(circuit.program) {
        try artifacts.add(planned.program.canonicalBytes)
      }
      for (chunk, instance) in instances.enumerated() where !artifacts.contains(instance.witness) {
        try artifacts.add(model.assignment.instance(ofChunk: chunk).canonicalBytes)
      }
    } catch {
      throw CoordinatorError(error)
    }
  }
}

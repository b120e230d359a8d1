import Model
import Varuna

extension ProofDocument {
  /// The document of a model's proofs; nothing in it is verified yet.
  ///
  /// - Parameters:
  ///   - model: the quantised model whose graph was planned.
  ///   - reference: what the document calls the model.
  ///   - assignment: the plan and the values of its boundaries.
  ///   - inputs: the integers of every input of the model.
  ///   - layout: where the plan's chunks stand, with or without keys.
  ///   - proofs: one per group of the plan; none for a draft.
  ///   - varunaVersion: of the proofs.
  ///   - srs: the powers of tau that they were made with.
  ///   - accuracy: how near the outputs are to the float model's, and had to be.
  ///   - timings: informational.
  public init(
    of model: QuantizedModel, reference: ModelReference, assignment: PlanAssignment,
    inputs: [[Int64]], layout: DocumentLayout, proofs: [Proof], varunaVersion: VarunaVersion,
    srs: SRSReference, accuracy: AccuracyJudgement, timings: Timings
  ) {
    let plan = assignment.plan
    let form = DocumentForm(layout, of: model)
    let manifest = PlanManifest(settings: model.settings, request: plan.request)
    func bound(_ forms: [TensorForm], _ values: [[Int64]]) -> [BoundTensor] {
      forms.enumerated().map { index, form in
        BoundTensor(
          form, commitments: { assignment.commitments[$0] },
          integers: values.indices.contains(index) ? values[index] : [])
      }
    }
    self.init(
      varunaVersion: varunaVersion, srs: srs, model: reference,
      plan: PlanReference(
        digest: FileDigest(bytes: plan.digest), settings: manifest.settingsDigest,
        manifest: manifest),
      form: form,
      groups: proofs.enumerated().map { number, proof in
        Group(
          verifyingKeys: layout.keys[number],
          publicInputs: layout.chunks(ofGroup: number).map { chunks in
            chunks.map { assignment.publicInputs(ofChunk: $0) }
          }, proof: proof)
      },
      inputs: bound(form.inputs, inputs), outputs: bound(form.outputs, assignment.outputs),
      parameters: bound(form.parameters, []),
      accuracy: RecordedAccuracy(accuracy, showing: plan.request.showsValues), timings: timings)
  }
}

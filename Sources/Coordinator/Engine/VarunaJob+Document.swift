import Algebra
import Model
import ProofAggregation
import Varuna
import Wire

extension VarunaJob {
  /// Puts the proof document together; nothing in it is verified yet.
  func assemble(
    proofs: [[UInt8]], keys: [VerifyingKey], account: JobAccount
  ) throws(CoordinatorError) -> ProofDocument {
    let layout = DocumentLayout(plan: plan, keys: keys)
    guard proofs.count == plan.groups.count else {
      throw .badJob("\(proofs.count) of \(plan.groups.count) proofs are there")
    }
    let groups = proofs.indices.map { number in
      ProofDocument.Group(
        verifyingKeys: layout.keys[number].map { Hexadecimal.encode($0.bytes) },
        publicInputs: layout.chunks(ofGroup: number).map { chunks in
          chunks.map { assignment.publicInputs(ofChunk: $0).map(\.decimal) }
        },
        proof: Hexadecimal.encode(proofs[number]))
    }
    let request = plan.request
    let inputs = plan.inputs.indices.map { index in
      let tensor = model.inputs[index]
      return BoundTensor(
        name: tensor.name, shape: tensor.shape, scaleBits: tensor.scaleBits,
        visibility: request.inputVisibility,
        pieces: [
          Plan.OutputPiece(
            boundary: plan.inputs[index], start: 0, count: model.inputValues[index].count)
        ],
        layout: layout, commitments: assignment.commitments, integers: model.inputValues[index])
    }
    let outputs = plan.outputs.indices.map { index in
      let tensor = model.outputs[index]
      return BoundTensor(
        name: tensor.name, shape: tensor.shape, scaleBits: tensor.scaleBits,
        visibility: request.outputVisibility, pieces: plan.outputs[index], layout: layout,
        commitments: assignment.commitments, integers: assignment.outputs[index])
    }
    return ProofDocument(
      varunaVersion: VarunaVersion.v3.rawValue, aggregate: request.aggregation, srs: reference,
      model: modelReference,
      plan: ProofDocument.PlanReference(
        digest: Hexadecimal.encode(plan.digest), recipe: model.recipe(request)),
      groups: groups, links: layout.links, inputs: inputs, outputs: outputs,
      timings: timings(account))
  }

  private var reference: ProofDocument.SRSReference {
    switch parameters.srs.kind {
    case .mainnet:
      ProofDocument.SRSReference(id: parameters.srs.id, kind: .mainnet, seed: nil)
    case .development(let seed):
      ProofDocument.SRSReference(id: parameters.srs.id, kind: .development, seed: seed)
    }
  }

  private func timings(_ account: JobAccount) -> ProofDocument.Timings {
    func seconds(_ stage: JobStage) -> Double { account.seconds[stage] ?? 0 }
    return ProofDocument.Timings(
      planSeconds: seconds(.planning), indexSeconds: seconds(.indexing),
      proveSeconds: seconds(.proving), verifySeconds: 0,
      totalSeconds: seconds(.planning) + seconds(.indexing) + seconds(.proving),
      workers: account.workers.map {
        ProofDocument.WorkerTraffic(
          name: $0.name, shares: $0.shares, bytesSent: Int(clamping: $0.bytesSent),
          bytesReceived: Int(clamping: $0.bytesReceived))
      })
  }
}

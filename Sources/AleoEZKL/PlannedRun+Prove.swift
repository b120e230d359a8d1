import Circuit
import Model
import ProofAggregation
import Varuna

extension PlannedRun {
  /// Proves all chunks in this process; takes the memory of the largest batch.
  ///
  /// Salts and blinding are fresh.
  /// - Parameters:
  ///   - srs: powers of tau of at least ``largestDomain``.
  ///   - threads: width of all steps.
  /// - Returns: the document, which `DocumentVerifier` has accepted as far as it can without the model.
  /// - Throws: `RunError.input` where a value leaves its range, `proof` where the parameters are too small.
  public func prove(under srs: SRS, threads: Int = 1) throws(RunError) -> ProofDocument {
    try prove(under: srs, salts: .random(), blinding: .random(), threads: threads)
  }

  /// Proves with given secrets.
  package func prove(
    under srs: SRS, salts: ProverSeed, blinding: GroupSeed, threads: Int
  ) throws(RunError) -> ProofDocument {
    let statement = try ModelStatement(self, salts: salts)
    do {
      let circuits = try plan.circuits.indices.map {
        try IndexedCircuit(statement.r1cs(ofCircuit: $0), threads: threads)
      }
      let keys = try circuits.map { try $0.verifyingKey(srs, threads: threads) }
      let layout = DocumentLayout(plan: plan, keys: keys)
      let proofs = try plan.groups.indices.map { group in
        try OneMachineProver.prove(
          srs, version: .v3,
          jobs: try statement.jobs(ofGroup: group, layout, circuits, keys, blinding),
          seed: blinding, threads: threads)
      }
      let document = statement.document(
        layout, proofs: proofs, srs: ProofDocument.SRSReference(srs)
      ).sealed()
      let verdict = DocumentVerifier(document).verify()
      guard verdict.accepted else {
        let failed = verdict.checks.filter { !$0.passed }.map(\.name)
        throw RunError.proof(reason: "the document fails \(failed.joined(separator: ", "))")
      }
      return document
    } catch let error as RunError {
      throw error
    } catch {
      throw .proof(reason: "\(error)")
    }
  }
}

extension ModelStatement {
  /// The circuits of a batch with the assignments of their instances.
  fileprivate func jobs(
    ofGroup group: Int, _ layout: DocumentLayout, _ circuits: [IndexedCircuit],
    _ keys: [VerifyingKey], _ blinding: GroupSeed
  ) throws -> [OneMachineProver.Job] {
    try layout.circuits[group].enumerated().map { position, circuit in
      let chunks = layout.chunks(ofGroup: group)[position]
      let assignments = try chunks.enumerated().map { number, chunk in
        let witness = try witness(ofChunk: chunk)
        let index = InstanceIndex(circuit: position, instance: number)
        return circuits[circuit].r1cs.assignment(
          publicInputs: witness.publicInputs, privateValues: witness.privateValues,
          randomizer: blinding.instance(index).randomizer)
      }
      return (circuits[circuit], keys[circuit], assignments)
    }
  }
}

import Algebra
import Model
import ProofAggregation
import Varuna

/// What a planned run proves: the plan, the values of every boundary, and what commits to them.
///
/// Secret: the assignment holds every activation of the model.
package struct ModelStatement: Sendable {
  /// The model, its input, and how it is cut.
  package let run: PlannedRun
  /// Values, salts and commitments.
  package let assignment: PlanAssignment

  /// Evaluates the model and commits to every boundary.
  ///
  /// - Parameters:
  ///   - salts: what salts follow from; equal seeds give equal statements.
  ///   - weights: what the salts of weights follow from; nil: from `salts`.
  /// - Throws: `RunError.input` where a value leaves its range.
  package init(
    _ run: PlannedRun, salts: ProverSeed, weights: ProverSeed? = nil
  ) throws(RunError) {
    self.run = run
    do {
      assignment = try PlanAssignment(
        plan: run.plan, inputs: run.inputs, parameters: run.model.parameters.map(\.integers),
        seed: salts, parameterSeed: weights)
    } catch {
      throw .input(error)
    }
  }

  /// The constraint system of a circuit, made anew.
  package func r1cs(ofCircuit number: Int) throws(RunError) -> R1CS {
    do {
      return try run.plan.circuits[number].program.compile().r1cs
    } catch {
      throw .proof(reason: "circuit \(number) cannot be built: \(error)")
    }
  }

  /// The assignment of a chunk, without the randomizers. Secret.
  package func witness(
    ofChunk number: Int
  ) throws(RunError) -> (publicInputs: [Fr], privateValues: [Fr]) {
    do {
      let circuit = run.plan.circuits[run.plan.chunks[number].circuit]
      let witness = try circuit.program.witness(assignment.instance(ofChunk: number))
      return (witness.publicInputs, witness.privateValues)
    } catch {
      throw .proof(reason: "chunk \(number) has no witness: \(error)")
    }
  }

  /// The document with these proofs, one per group of the plan; nothing in it is verified yet.
  ///
  /// - Parameters:
  ///   - layout: where the plan's chunks stand.
  ///   - srs: the powers of tau that the proofs were made with.
  package func document(
    _ layout: DocumentLayout, proofs: [Proof], srs: ProofDocument.SRSReference
  ) -> ProofDocument {
    ProofDocument(
      of: run.model, reference: run.reference, assignment: assignment, inputs: run.inputs,
      layout: layout, proofs: proofs, varunaVersion: .v3, srs: srs, accuracy: run.judgement,
      timings: .none)
  }

  /// The document without proofs, keys and parameters.
  package var draft: ProofDocument {
    document(DocumentLayout(plan: run.plan), proofs: [], srs: .undecided)
  }
}

extension ProofDocument.SRSReference {
  /// Stands in drafts until the parameters are known.
  package static var undecided: Self { Self(id: "", kind: .development, seed: nil) }

  /// Names parameters.
  package init(_ srs: SRS) {
    switch srs.kind {
    case .mainnet: self.init(id: srs.id, kind: .mainnet, seed: nil)
    case .development(let seed): self.init(id: srs.id, kind: .development, seed: seed)
    }
  }
}

extension ProofDocument.Timings {
  /// Of a run that nobody timed.
  package static var none: Self {
    Self(
      planSeconds: 0, indexSeconds: 0, proveSeconds: 0, verifySeconds: 0, totalSeconds: 0,
      workers: [])
  }
}

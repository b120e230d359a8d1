import Algebra
import Aleo
import Varuna

/// A document's proofs as a program that verifies them on chain, and the calls that bring them.
public struct OnChainPackage: Sendable {
  /// The program.
  public let program: VerifierProgram
  /// What it costs.
  public let cost: CallCost
  /// What the other ways to verify the proofs cost, the cheapest first; this one is among them.
  public let ways: [CallCost]
  /// The calls that enter the model, in an order in which they can be made; none where the program is of this model alone.
  public let registration: [VerifierCall]
  /// The calls that bring the proofs, in an order in which they can be made.
  public let calls: [VerifierCall]
  /// The key under which the program records the outcome.
  public let outcome: Fr
}

extension ProofDocument {
  /// Makes the on-chain package of a document that `DocumentVerifier` has accepted.
  ///
  /// - Parameters:
  ///   - request: what the user asks of the program.
  ///   - nonce: what tells claims about the same statement by the same caller from each other.
  /// - Throws: `AleoError` where a chain cannot take the proofs, with the limit and what would help.
  public func onChain(
    request: VerificationRequest = VerificationRequest(), nonce: Fr = .zero
  ) throws(AleoError) -> OnChainPackage {
    guard varunaVersion == .v3 else {
      throw .unusable(
        "Aleo programs verify Varuna V3 only, the proofs are V\(varunaVersion.rawValue)")
    }
    guard let model, let plan else {
      throw .unusable("the document is about no model, so there is nothing to record on chain")
    }
    let statement: PublicValues
    do { statement = try PublicValues(self) } catch { throw .unusable(error.description) }
    let words = recordedWords(statement)
    let ends = try [inputs, outputs, parameters ?? []].map { tensors throws(AleoError) in
      try tensors.flatMap(\.commitments).map { commitment throws(AleoError) -> Int in
        guard let position = commitment.positions.first, let value = statement.classOf[position]
        else { throw .unusable("a commitment binds no public input") }
        return value
      }
    }
    let ways = try VerifierProgram(
      name: ProgramName.suggested(model: model.name, digest: model.digest.hex),
      modelDigest: model.digest.bytes, settingsDigest: plan.settings.bytes,
      values: statement.values.indices.map { words[$0].map { .hashed($0.words) } ?? .given },
      groups: try circuits(statement), inputs: ends[0], outputs: ends[1], parameters: ends[2],
      openings: inputs.flatMap(\.commitments).map {
        VerifierProgram.Opening(
          words: VerifierProgram.Words(count: $0.count, bits: $0.bitWidth), isSalted: $0.salted)
      }
    ).ways(request)
    let program = ways[0].program
    let integers = statement.values.indices.compactMap { words[$0]?.elements }
    return OnChainPackage(
      program: program, cost: ways[0].cost, ways: ways.map(\.cost),
      registration: program.registrationCalls,
      calls: program.calls(
        values: statement.values, integers: integers, proofs: try proofBytes(of: program),
        nonce: nonce),
      outcome: program.outcomeKey(values: statement.values, integers: integers))
  }

  /// A Leo package on the verifier of the document: the model's inputs and outputs by name, and an application.
  ///
  /// - Parameter program: what `onChain` made of this document.
  /// - Throws: `AleoError.unusable` where the first output is not recorded, or an input does not fit one array.
  public func leoPackage(on program: VerifierProgram) throws(AleoError) -> LeoPackage {
    func tensors(_ bound: [BoundTensor]) -> [LeoPackage.Tensor] {
      bound.map {
        LeoPackage.Tensor(
          name: $0.name, shape: $0.shape, scale: $0.scale, offsets: $0.commitments.map(\.offset))
      }
    }
    return try LeoPackage(
      program: program, model: model?.name ?? "",
      parameters: (parameters ?? []).flatMap(\.commitments).map(\.value),
      inputs: tensors(inputs), outputs: tensors(outputs))
  }

  /// For every value that commits to public integers of the outputs these integers, stored unsigned; none if the
  /// program records commitments.
  private func recordedWords(
    _ statement: PublicValues
  ) -> [Int: (words: VerifierProgram.Words, elements: [UInt64])] {
    var found: [Int: (words: VerifierProgram.Words, elements: [UInt64])] = [:]
    for tensor in outputs {
      guard tensor.visibility == .public, let integers = tensor.integers else { return [:] }
      for piece in tensor.commitments {
        guard !piece.salted, piece.start >= 0, piece.count >= 0,
          piece.start <= integers.count - piece.count, let position = piece.positions.first,
          let value = statement.classOf[position]
        else { return [:] }
        found[value] = (
          VerifierProgram.Words(count: piece.count, bits: piece.bitWidth),
          integers[piece.start..<piece.start + piece.count].map {
            UInt64(bitPattern: $0 &- piece.offset)
          }
        )
      }
    }
    return VerifierProgram.records(found.values.map(\.words)) ? found : [:]
  }

  private func circuits(_ statement: PublicValues) throws(AleoError) -> [[VerifierProgram.Circuit]]
  {
    var result: [[VerifierProgram.Circuit]] = []
    for (number, group) in groups.enumerated() {
      var circuits: [VerifierProgram.Circuit] = []
      for (place, key) in group.verifyingKeys.enumerated() {
        let instances = group.publicInputs[place].enumerated().map { instance, elements in
          elements.indices.dropFirst().map { index in
            statement.classOf[
              PublicInputPosition(
                group: number, circuit: place, instance: instance, index: index)]!
          }
        }
        guard instances.allSatisfy({ $0.count < key.publicCount }), key.publicCount <= 1 << 16
        else { throw .unusable("key \(place) of group \(number) has fewer public inputs") }
        circuits.append(
          VerifierProgram.Circuit(
            key: key.bytes, publicCount: Int(key.publicCount), instances: instances))
      }
      result.append(circuits)
    }
    return result
  }

  private func proofBytes(of program: VerifierProgram) throws(AleoError) -> [[UInt8]] {
    let proofs = groups.map(\.proof.bytes)
    guard proofs.map(\.count) == program.proofByteCounts else {
      throw .unusable("a proof has not the length that its circuits and instances give")
    }
    return proofs
  }
}

import Algebra
import Aleo
import Varuna

extension Plan {
  /// The program that will verify this plan's proofs on chain, with zeros for the keys that do not exist yet.
  ///
  /// It has the costs of the real one, and no less characters.
  /// - Parameters:
  ///   - name: the program's name.
  ///   - modelDigest: SHA-256 of the model, 32 bytes.
  /// - Throws: where a group is not what `snark.verify.batch` takes.
  public func verifierProgram(
    name: String, modelDigest: [UInt8]
  ) throws(AleoError) -> VerifierProgram {
    let recorded = recordedOutputs
    let read = inputs.indices.flatMap(pieces(ofInput:)).map(\.boundary)
    // What no circuit speaks about is no value of the program; values are in the order in which statements hold them.
    let spoken = groups.flatMap(\.circuits).flatMap(\.chunks).flatMap {
      chunks[$0].inputs + chunks[$0].outputs
    }
    var numbers: [BoundaryID: Int] = [:]
    let bound = spoken.filter { boundary in
      guard numbers[boundary] == nil else { return false }
      numbers[boundary] = numbers.count
      return true
    }
    func values(_ ids: [BoundaryID]) -> [Int] { ids.map { numbers[$0]! } }
    return try VerifierProgram(
      name: name, modelDigest: modelDigest,
      settingsDigest: [UInt8](repeating: 255, count: 32),
      values: bound.map { recorded[$0].map { .hashed($0) } ?? .given },
      groups: groups.map { group in
        group.circuits.map { member in
          let circuit = circuits[member.circuit]
          // Distinct keys of the right length, every byte as long as it gets.
          let number = [UInt8(255 - member.circuit / 100), UInt8(255 - member.circuit % 100)]
          return VerifierProgram.Circuit(
            key: number + [UInt8](repeating: 255, count: VerifyingKey.byteCount - 2),
            publicCount: Domain.size(atLeast: circuit.program.publicCount),
            instances: member.chunks.map { values(chunks[$0].inputs + chunks[$0].outputs) })
        }
      },
      inputs: values(read), outputs: values(outputs.joined().map(\.boundary)),
      parameters: values(parameters.joined().map(\.boundary)),
      openings: read.map { input in
        let boundary = boundaries[input]
        return VerifierProgram.Opening(
          words: VerifierProgram.Words(
            count: graph.tensors[boundary.tensor].count, bits: boundary.encoding.bitWidth),
          isSalted: boundary.encoding.salted)
      })
  }

  /// The boundaries whose integers the program takes and records, instead of their commitments.
  private var recordedOutputs: [BoundaryID: VerifierProgram.Words] {
    guard request.outputVisibility == .public else { return [:] }
    let pieces = outputs.joined().map { piece in
      (
        boundary: piece.boundary,
        words: VerifierProgram.Words(
          count: piece.count, bits: boundaries[piece.boundary].encoding.bitWidth)
      )
    }
    guard VerifierProgram.records(pieces.map(\.words)) else { return [:] }
    return Dictionary(pieces.map { ($0.boundary, $0.words) }) { first, _ in first }
  }
}

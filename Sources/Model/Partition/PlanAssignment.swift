import Algebra
import Circuit
import Varuna

/// The secret side of a plan: the value of every tensor and the salt of every boundary, and what follows from them.
///
/// The coordinator makes it to know the statement before any proving; each worker sees only its chunks' part.
public struct PlanAssignment: Sendable {
  /// The plan in question.
  public let plan: Plan
  /// For every tensor of the plan's graph its values.
  public let values: [[Int64]]
  /// For every boundary its salt, nil where its encoding has none.
  public let salts: [Fr?]
  /// For every boundary its commitment.
  public let commitments: [Fr]

  /// Evaluates the plan's graph and commits to every boundary.
  ///
  /// - Parameters:
  ///   - plan: what is going to be proven.
  ///   - inputs: integers of each input of the model.
  ///   - parameters: integers of each committed parameter tensor.
  ///   - seed: salts follow from it, so that a job keeps its statement over a restart.
  ///   - parameterSeed: salts of parameters follow from it; nil: from `seed`.
  /// - Throws: the operation, element, value and range if a value leaves its range.
  public init(
    plan: Plan, inputs: [[Int64]], parameters: [[Int64]] = [], seed: ProverSeed,
    parameterSeed: ProverSeed? = nil
  ) throws(CircuitError) {
    for (what, expected, found) in [
      ("inputs", plan.inputs.count, inputs.count),
      ("parameter tensors", plan.parameters.count, parameters.count),
    ] where expected != found {
      throw .countMismatch(what: what, expected: expected, found: found)
    }
    let ends = zip(plan.inputs + plan.parameters, inputs + parameters)
    let given = Dictionary(
      uniqueKeysWithValues: ends.flatMap { pieces, values in
        pieces.map { ($0.boundary, Array(values[$0.start..<$0.start + $0.count])) }
      })
    let boundaryOfTensor = Dictionary(
      uniqueKeysWithValues: plan.boundaries.enumerated().map { ($1.tensor, $0) })
    let values = try plan.graph.evaluate(
      inputs: plan.graph.inputs.map { given[boundaryOfTensor[$0]!]! })
    var salts = plan.boundaries.indices.map { index in
      plan.boundaries[index].encoding.salted ? Self.salt(seed.scalar("salt/\(index)")) : nil
    }
    // Named by what they hide, not by their place in a plan: other data may be cut in another way.
    for (number, pieces) in plan.parameters.enumerated() {
      for piece in pieces where salts[piece.boundary] != nil {
        salts[piece.boundary] = Self.salt(
          (parameterSeed ?? seed).scalar("parameters/\(number)/\(piece.start)/\(piece.count)"))
      }
    }
    commitments = try plan.boundaries.indices.map { index throws(CircuitError) in
      let boundary = plan.boundaries[index]
      return try boundary.encoding.commitment(values: values[boundary.tensor], salt: salts[index])
    }
    self.plan = plan
    self.values = values
    self.salts = salts
  }

  /// A scalar without its top bit: it fills one 252-bit piece, so an Aleo program can hash it in front of a tensor.
  private static func salt(_ scalar: Fr) -> Fr {
    var limbs = scalar.canonicalLimbs
    limbs[3] &= 1 << (BoundaryEncoding.pieceBits - 192) - 1
    return Fr(canonical: limbs)
  }

  /// What the prover of a chunk must know.
  public func instance(ofChunk chunk: Int) -> ChunkInstance {
    let chunk = plan.chunks[chunk]
    return ChunkInstance(
      inputs: chunk.inputs.map { values[plan.boundaries[$0].tensor] },
      salts: (chunk.inputs + chunk.outputs).map { salts[$0] })
  }

  /// The public inputs of a chunk: 1, then the commitments of what it reads and makes.
  public func publicInputs(ofChunk chunk: Int) -> [Fr] {
    let chunk = plan.chunks[chunk]
    return [.one] + (chunk.inputs + chunk.outputs).map { commitments[$0] }
  }

  /// The integers of each output of the model.
  public var outputs: [[Int64]] {
    plan.outputs.map { pieces in
      pieces.flatMap { values[plan.boundaries[$0.boundary].tensor] }
    }
  }
}

import Algebra
import Circuit
import Model

extension BoundTensor {
  /// A model's input or output as the document shows it.
  ///
  /// - Parameters:
  ///   - pieces: the boundaries that hold it, with the elements they hold.
  ///   - commitments: for every boundary of the plan its commitment.
  ///   - integers: the values; they are left out unless the tensor is public.
  public init(
    name: String, shape: [Int], scaleBits: Int, visibility: Visibility,
    pieces: [Plan.OutputPiece], layout: DocumentLayout, commitments: [Fr], integers: [Int64]
  ) {
    let scale = powerOfTwo(scaleBits)
    self.init(
      name: name, shape: shape, scale: scale, visibility: visibility,
      commitments: pieces.map { piece in
        let boundary = layout.plan.boundaries[piece.boundary]
        return Commitment(
          start: piece.start, count: piece.count, bitWidth: boundary.encoding.bitWidth,
          offset: boundary.encoding.offset, salted: boundary.encoding.salted,
          value: commitments[piece.boundary].decimal, positions: layout.positions(of: boundary))
      },
      integers: visibility == .public ? integers : nil,
      floats: visibility == .public ? integers.map { Double($0) / scale } : nil)
  }
}

/// 2^exponent, exactly.
func powerOfTwo(_ exponent: Int) -> Double {
  Double(sign: .plus, exponent: exponent, significand: 1)
}

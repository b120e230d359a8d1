import Algebra

/// When a basis pays: a count of multiplications in Fq, to which everything else is nearly proportional.
extension WitnessBasis.Domains {
  /// Multiplications of one scalar multiplication of the transform of points, with what belongs to it, as counted.
  private static let perProduct = 1_350
  /// Multiplications per point of a commitment to full-size coefficients, as counted between 2^12 and 2^16.
  private static let perPoint = 150

  /// What making the basis takes.
  public var price: Int {
    Self.perProduct * (variables / 2 * max(0, variables.trailingZeroBitCount - 2) + 1)
  }

  /// What the basis saves in committing to this assignment: nothing where all values are of full size.
  ///
  /// The additions of a multi-scalar multiplication are as many as its scalars have windows.
  public func saving(_ assignment: [Fr]) -> Int {
    let bits = assignment.reduce(0) { $0 + $1.signedBitCount }
    return max(0, Self.perPoint * (variables - bits / (Fr.bitCount - 1)))
  }
}

extension WitnessBasis.Domains {
  /// Bytes that making a basis takes beside its result: sums, points and products of the transform.
  public var makingBytes: Int { 6 * bytes }
}

extension InstanceShare.Task {
  /// The domains of the basis that commits to this instance's witness.
  public var basisDomains: WitnessBasis.Domains { WitnessBasis.Domains(circuit.shape) }
  /// What that basis would save.
  public var basisSaving: Int { basisDomains.saving(assignment) }
}

extension Fr {
  /// Bits of the smaller one of this number and its negative.
  fileprivate var signedBitCount: Int {
    func bits(_ a: Fr) -> Int {
      let k = a.canonicalTuple
      if k.3 != 0 { return 256 - k.3.leadingZeroBitCount }
      if k.2 != 0 { return 192 - k.2.leadingZeroBitCount }
      return k.1 != 0 ? 128 - k.1.leadingZeroBitCount : 64 - k.0.leadingZeroBitCount
    }
    return min(bits(self), bits(-self))
  }
}

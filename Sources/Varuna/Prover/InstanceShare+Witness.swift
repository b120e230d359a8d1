import Algebra

extension InstanceShare {
  /// Step 1: checks the assignments and commits to the witness polynomials w = (z - x)/v_X.
  ///
  /// Throws `unsatisfied` with the number of the first violated constraint.
  public func commitWitness() throws(ShareError) -> ShareMessage.WitnessCommitments {
    ShareMessage.WitnessCommitments(w: try witnessCommitments())
  }

  /// Step 1 of a share with a mask of its own.
  public func commitMaskedWitness() throws(ShareError) -> ShareMessage.MaskedWitnessCommitments {
    guard let mask else { preconditionFailure("the share has no mask") }
    let w = try witnessCommitments()
    defer { recorder.end() }
    return ShareMessage.MaskedWitnessCommitments(
      w: w,
      mask: try commit(
        mask.polynomial(C: dimensions.C),
        scalars: 2 * mask.quotient.count + mask.remainder.count))
  }

  private func witnessCommitments() throws(ShareError) -> [G1Affine] {
    try advance(.witness)
    defer { recorder.end() }
    var commitments = [G1Affine](repeating: .identity, count: instances.count)
    for group in groups {
      let r1cs = group.circuit.r1cs
      for place in group.places {
        let z = instances[place].assignment
        let a = r1cs.matrices[0].product(z, threads: threads)
        let b = r1cs.matrices[1].product(z, threads: threads)
        if let row = firstViolation(r1cs, z, a, b) {
          throw .unsatisfied(task: place, constraint: row)
        }
        instances[place].products = (a, b)
        commitments[place] = try commit(toWitness: place, of: group.circuit)
      }
    }
    return commitments
  }

  /// By the values where there is a basis for the circuit's domains, else by the coefficients.
  private func commit(
    toWitness place: Int, of circuit: IndexedCircuit
  ) throws(ShareError) -> G1Affine {
    let (z, blinding) = (instances[place].assignment, instances[place].blinding)
    if let basis = bases[WitnessBasis.Domains(circuit.shape)] {
      return recorder.time(.multiScalar, z.count) {
        (basis.commit(z, threads: threads) + KZG.blindingTerm(srs.gammaPowers, blinding)).affine
      }
    }
    var w = circuit.assignmentValues(z)
    let domain = Domain(size: w.count)
    recorder.transform(domain) { domain.ifftInPlace(&w, threads: threads) }
    Self.divideByPublicPart(&w, X: circuit.shape.X)
    return try commit(w, blinding: blinding)
  }

  /// The first row where (Az)(Bz) differs from Cz; also a constant or padding that is not what it must be
  /// counts as a violation of row 0.
  private func firstViolation(_ r1cs: R1CS, _ z: [Fr], _ a: [Fr], _ b: [Fr]) -> Int? {
    guard z[0] == .one,
      z[r1cs.publicCount..<r1cs.paddedPublicCount].allSatisfy(\.isZero)
    else { return 0 }
    let c = r1cs.matrices[2].product(z, threads: threads)
    return c.indices.first { a[$0] * b[$0] != c[$0] }
  }

  /// Replaces z by the quotient of z - x by v_X = X^m - 1, for which x is not needed: the part of degree m and
  /// above, folded downwards.
  static func divideByPublicPart(_ z: inout [Fr], X m: Int) {
    for i in stride(from: z.count - m - 1, through: m, by: -1) { z[i] += z[i + m] }
    z.removeFirst(m)
  }
}

import Algebra

extension InstanceShare {
  /// Step 5: the part of g_1(beta).
  ///
  /// Also makes the opening at alpha, while others work on the matrices, and what the opening at beta is about:
  /// lineval = sum of nu s_C(beta) T(beta) v_X(beta) w - v_C(beta) h_1, with the share's own h_1.
  public func evaluate(
    _ request: ShareMessage.Beta
  ) throws(ShareError) -> ShareMessage.LinevalEvaluation {
    try advance(.beta, challenge: request.beta, outside: dimensions.C)
    defer { recorder.end() }
    beta = request.beta
    let size = dimensions.C
    lineval = h1
    h1 = []
    FieldVector.scale(&lineval, by: -Equations.vanishing(size, at: beta), threads: threads)
    linevalBlinding = [Fr](repeating: .zero, count: KZG.blindingCount)
    for number in groups.indices {
      let shape = groups[number].circuit.shape
      let scale =
        Equations.selector(size, shape.C, at: beta)
        * FieldVector.evaluate(groups[number].line[...], at: beta, threads: threads)
        * Equations.vanishing(shape.X, at: beta)
      FieldVector.add(groups[number].witness, scaledBy: scale, to: &lineval, threads: threads)
      FieldVector.add(
        groups[number].blinding, scaledBy: scale, to: &linevalBlinding, threads: 1)
      (groups[number].line, groups[number].witness) = ([], [])
    }
    if let mask {
      FieldVector.add(
        mask.polynomial(C: size), scaledBy: .one, to: &lineval, threads: threads)
    }
    openingAtAlpha = try openingWitness(h0, at: alpha, blinding: []).0
    h0 = []
    return ShareMessage.LinevalEvaluation(
      g1AtBeta: FieldVector.evaluate(g1[...], at: beta, threads: threads))
  }

  /// Step 8: the openings at alpha and beta.
  public func open(
    _ request: ShareMessage.InstanceOpeningChallenges
  ) throws(ShareError) -> ShareMessage.InstanceOpening {
    try advance(.opening)
    defer { recorder.end() }
    FieldVector.scale(&lineval, by: request.forLineval, threads: threads)
    FieldVector.add(g1, scaledBy: request.forG1, to: &lineval, threads: threads)
    g1 = []
    FieldVector.scale(&linevalBlinding, by: request.forLineval, threads: 1)
    if let mask {
      FieldVector.add(mask.g1, scaledBy: request.forG1, to: &linevalBlinding, threads: 1)
    }
    let (witness, blinding) = try openingWitness(lineval, at: beta, blinding: linevalBlinding)
    lineval = []
    return ShareMessage.InstanceOpening(
      atAlpha: openingAtAlpha, atBeta: witness, blindingAtBeta: blinding)
  }

  private func openingWitness(
    _ coefficients: [Fr], at z: Fr, blinding: [Fr]
  ) throws(ShareError) -> (G1Affine, Fr) {
    try recorder.time(.multiScalar, max(0, coefficients.count - 1)) { () throws(ShareError) in
      try withParameters { () throws(VarunaError) in
        let (witness, value) = try KZG.open(
          srs, coefficients, at: z, blinding: blinding, threads: threads)
        return (witness.affine, value)
      }
    }
  }
}

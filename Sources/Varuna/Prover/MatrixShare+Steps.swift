import Algebra

extension MatrixShare {
  /// Step 5: per matrix f(k) = v_R(alpha) v_C(beta) row_col_val(k)/b(k), f = omega + X g; commits to g.
  ///
  /// An entry of value m at row i and place j of C has f = m L_i(alpha) L_j(beta), with the Lagrange bases of R and C:
  /// two inversions of vectors serve all three matrices. On the rest of K f is 0.
  public func commitMatrices(
    _ request: ShareMessage.AlphaBeta
  ) throws(ShareError) -> ShareMessage.MatrixCommitments {
    try refuse(request.alpha, inside: dimensions.R)
    try refuse(request.beta, inside: dimensions.C)
    try advance(.beta)
    defer { recorder.end() }
    (alpha, beta) = (request.alpha, request.beta)
    let rows = Domain(size: circuit.shape.R).lagrangeOutside(at: alpha, threads: threads)
    let columns = Domain(size: circuit.shape.C).lagrangeOutside(at: beta, threads: threads)
    var commitments: [G1Affine] = []
    f = []
    for matrix in Matrix.allCases {
      let size = circuit.shape.K[matrix.rawValue]
      var values = circuit.entryValues(matrix, rows: rows, columns: columns, threads: threads)
      FieldVector.extend(&values, to: size)
      let domain = Domain(size: size)
      recorder.transform(domain) { domain.ifftInPlace(&values, threads: threads) }
      f.append(values)
      commitments.append(
        try recorder.time(.multiScalar, size - 1) { () throws(ShareError) in
          try withParameters { () throws(VarunaError) in
            try KZG.commitBounded(srs, values[1...], bound: size - 2, threads: threads).affine
          }
        })
    }
    return ShareMessage.MatrixCommitments(
      gA: commitments[0], gB: commitments[1], gC: commitments[2], sums: f.map { $0[0] })
  }

  /// Step 6: the part of h_2 = sum of delta |K_M|/|K| (a - b f)/v_K.
  ///
  /// a - b f = h v_K with deg a < |K|, so h is minus the upper half of b f, and the lower plus the upper half is a. One
  /// coset with X^n = -1 gives the rest; matrices with equal |K| are added up before the transform back.
  public func quotient(
    _ request: ShareMessage.Delta
  ) throws(ShareError) -> ShareMessage.MatrixQuotient {
    try advance(.quotient)
    defer { recorder.end() }
    delta = request.delta
    h2 = []
    for size in Set(circuit.shape.K).sorted() {
      let domain = Domain(size: size)
      let shift = domain.quadraticShift
      var reduced = [Fr](repeating: .zero, count: size)
      var onCoset = reduced
      for matrix in Matrix.allCases where circuit.shape.K[matrix.rawValue] == size {
        let index = circuit.index(matrix, threads: threads)
        let factor = delta[matrix.rawValue]
        FieldVector.add(
          index[.rowColVal], scaledBy: factor * vanishing, to: &reduced,
          threads: threads)
        var b = denominator(index)
        var values = f[matrix.rawValue]
        recorder.transform(domain) { domain.cosetFFTInPlace(&b, shift: shift, threads: threads) }
        recorder.transform(domain) {
          domain.cosetFFTInPlace(&values, shift: shift, threads: threads)
        }
        FieldVector.addProduct(b, values, scaledBy: factor, to: &onCoset, threads: threads)
      }
      recorder.transform(domain) {
        domain.replaceByUpperHalf(cosetValues: &onCoset, reduced: reduced, threads: threads)
      }
      let scale = Fr(UInt64(dimensions.K / size)).inverse()!
      FieldVector.add(onCoset, scaledBy: -scale, to: &h2, threads: threads)
    }
    let commitment = try recorder.time(.multiScalar, h2.count) { () throws(ShareError) in
      try withParameters { () throws(VarunaError) in
        try KZG.commit(srs, h2, threads: threads).affine
      }
    }
    return ShareMessage.MatrixQuotient(h2: commitment)
  }

  /// Step 7: g_A, g_B, g_C at gamma.
  public func evaluate(
    _ request: ShareMessage.Gamma
  ) throws(ShareError) -> ShareMessage.MatrixEvaluations {
    try refuse(request.gamma, inside: dimensions.K)
    try advance(.gamma)
    defer { recorder.end() }
    gamma = request.gamma
    gAtGamma = f.map { FieldVector.evaluate($0[1...], at: gamma, threads: threads) }
    return ShareMessage.MatrixEvaluations(gAtGamma: gAtGamma)
  }

  /// Step 8: the opening at gamma of sum of xi_M g_M + xi (sum of delta s_K (a - b (gamma g(gamma) + omega)) -
  /// v_K(gamma) h_2).
  public func open(
    _ request: ShareMessage.MatrixOpeningChallenges
  ) throws(ShareError) -> ShareMessage.MatrixOpening {
    try advance(.opening)
    defer { recorder.end() }
    var combined = h2
    h2 = []
    FieldVector.scale(
      &combined, by: -(request.forMatrix * Equations.vanishing(dimensions.K, at: gamma)),
      threads: threads)
    for matrix in Matrix.allCases {
      let m = matrix.rawValue
      let index = circuit.index(matrix, threads: threads)
      let scale =
        request.forMatrix * delta[m]
        * Equations.selector(dimensions.K, circuit.shape.K[m], at: gamma)
      let b = -(scale * (gamma * gAtGamma[m] + f[m][0]) * sizes)
      FieldVector.add(f[m][1...], scaledBy: request.forG[m], to: &combined, threads: threads)
      for (factor, polynomial) in [
        (scale * vanishing, VerifyingKey.Polynomial.rowColVal), (-(b * alpha), .col),
        (-(b * beta), .row), (b, .rowCol),
      ] {
        FieldVector.add(
          index[polynomial], scaledBy: factor, to: &combined, threads: threads)
      }
    }
    f = []
    let witness = try recorder.time(.multiScalar, combined.count - 1) { () throws(ShareError) in
      try withParameters { () throws(VarunaError) in
        try KZG.open(srs, combined, at: gamma, threads: threads).witness.affine
      }
    }
    return ShareMessage.MatrixOpening(atGamma: witness)
  }
}

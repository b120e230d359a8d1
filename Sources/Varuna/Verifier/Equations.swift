import Algebra

/// The verifier's three checks as equations between commitments and claimed values.
///
/// Each check is a sum over instances or circuits and can be restricted to a subset: over everything
/// it is the verifier's, over one share it tells whether that share is honest. All points are those of
/// the transcript, which must have completed the rounds before.
public enum Equations {
  /// v_H(x) = x^|H| - 1; |H| is a power of two.
  public static func vanishing(_ size: Int, at x: Fr) -> Fr {
    var power = x
    var n = size
    while n > 1 {
      power = power.squared()
      n /= 2
    }
    return power - .one
  }

  /// The selector of a domain inside a larger one: 1 on `small`, 0 on the rest of `big`.
  ///
  /// Zero where v_small(x) = 0, which no challenge outside `big` meets.
  public static func selector(_ big: Int, _ small: Int, at x: Fr) -> Fr {
    guard big != small else { return .one }
    let denominator = vanishing(small, at: x) * Fr(big)
    return vanishing(big, at: x) * Fr(small) * (denominator.inverse() ?? .zero)
  }

  /// The check at alpha: sum of mu s_R(alpha) (sigma_A sigma_B - sigma_C) - v_R(alpha) h_0(alpha) = 0.
  public static func alpha(
    _ t: Transcript, instances: [InstanceIndex], lineSums: [[[Fr]]], h0: G1Affine
  ) -> [KZG.Equation] {
    let s = t.statement
    let selectors = s.shapes.map { selector(s.R, $0.R, at: t.alpha) }
    var constant = Fr.zero
    for i in instances {
      let sums = lineSums[i.circuit][i.instance]
      let weight = t.rowWeights[i.circuit][i.instance] * selectors[i.circuit]
      constant += weight * (sums[0] * sums[1] - sums[2])
    }
    return [KZG.Equation(constant: constant, terms: [(-vanishing(s.R, at: t.alpha), h0)])]
  }

  /// sum over M of eta_M |K_M| omega_M; for honest sums this is sum of eta_M M(alpha, beta).
  public static func matrixValue(_ t: Transcript, circuit: Int, matrixSums: [Fr]) -> Fr {
    (0..<3).reduce(Fr.zero) {
      $0 + t.eta[$1] * Fr(t.statement.shapes[circuit].K[$1]) * matrixSums[$1]
    }
  }

  /// The factor of z(beta) = x(beta) + v_X(beta) w(beta); `value` = sum of eta_M M(alpha, beta).
  public static func linevalScale(_ t: Transcript, _ i: InstanceIndex, value: Fr) -> Fr {
    let s = t.statement
    return t.lineWeights[i.circuit][i.instance]
      * selector(s.C, s.shapes[i.circuit].C, at: t.beta) * value
  }

  /// The checks at beta: g_1(beta) as claimed with degree at most |C| - 2, and
  /// mask(beta) + sum of scale (x(beta) + v_X(beta) w(beta)) - v_C(beta) h_1(beta) - beta g_1(beta)
  /// - sum of nu (eta . sigma)/|C| = 0.
  ///
  /// `matrixValues` holds `matrixValue` per circuit, `masks` the mask commitments that are part of the sum.
  public static func beta(
    _ t: Transcript, instances: [InstanceIndex], lineSums: [[[Fr]]], matrixValues: [Fr],
    w: [[G1Affine]], masks: [G1Affine], g1: G1Affine, h1: G1Affine, g1AtBeta: Fr
  ) -> [KZG.Equation] {
    let s = t.statement
    let sizeInverse = Fr(s.C).inverse() ?? .zero
    let selectors = s.shapes.map { selector(s.C, $0.C, at: t.beta) }
    let vanishingX = s.shapes.map { vanishing($0.X, at: t.beta) }
    var lagrange = [[Fr]?](repeating: nil, count: s.shapes.count)
    var constant = -(t.beta * g1AtBeta)
    var terms = masks.map { (Fr.one, $0) }
    terms.append((-vanishing(s.C, at: t.beta), h1))
    for i in instances {
      let c = i.circuit
      let weight = t.lineWeights[c][i.instance]
      let scale = weight * selectors[c] * matrixValues[c]
      // beta is outside C, hence outside X, where the basis is defined.
      let basis = lagrange[c] ?? Domain(size: s.shapes[c].X).lagrange(at: t.beta) ?? []
      lagrange[c] = basis
      var x = Fr.zero
      for (value, l) in zip(s.inputs[c][i.instance], basis) where !value.isZero { x += value * l }
      constant += scale * x
      let sums = lineSums[c][i.instance]
      let combined = (0..<3).reduce(Fr.zero) { $0 + t.eta[$1] * sums[$1] }
      constant -= weight * combined * sizeInverse
      terms.append((scale * vanishingX[c], w[c][i.instance]))
    }
    return [
      KZG.Equation(value: g1AtBeta, terms: [(.one, g1)], bound: s.C - 2),
      KZG.Equation(constant: constant, terms: terms),
    ]
  }

  /// Circuit c in the check at gamma, sum of delta_M s_M (a_M - b_M (gamma g_M(gamma) + omega_M)): a constant
  /// and per matrix the factors of the index polynomials.
  public static func matrixTerms(
    _ t: Transcript, circuit c: Int, gAtGamma: [Fr], matrixSums: [Fr]
  ) -> (constant: Fr, terms: [(factor: Fr, polynomial: VerifyingKey.Polynomial, matrix: Matrix)]) {
    let shape = t.statement.shapes[c]
    let v = vanishing(shape.R, at: t.alpha) * vanishing(shape.C, at: t.beta)
    let size = Fr(shape.R) * Fr(shape.C)
    var constant = Fr.zero
    var terms: [(factor: Fr, polynomial: VerifyingKey.Polynomial, matrix: Matrix)] = []
    for matrix in Matrix.allCases {
      let m = matrix.rawValue
      let scale = t.delta[c][m] * selector(t.statement.K, shape.K[m], at: t.gamma)
      let b = -(scale * (t.gamma * gAtGamma[m] + matrixSums[m]) * size)
      constant += b * t.alpha * t.beta
      terms.append((scale * v, .rowColVal, matrix))
      terms.append((-(b * t.alpha), .col, matrix))
      terms.append((-(b * t.beta), .row, matrix))
      terms.append((b, .rowCol, matrix))
    }
    return (constant, terms)
  }

  /// The checks at gamma: every g_M(gamma) as claimed with degree at most |K_M| - 2, and the sum of
  /// `matrixTerms` over the circuits - v_K(gamma) h_2(gamma) = 0.
  public static func gamma(
    _ t: Transcript, circuits: [Int], g: [[G1Affine]], matrixSums: [[Fr]], gAtGamma: [[Fr]],
    h2: G1Affine
  ) -> [KZG.Equation] {
    let s = t.statement
    var equations: [KZG.Equation] = []
    var constant = Fr.zero
    var terms = [(-vanishing(s.K, at: t.gamma), h2)]
    for c in circuits {
      let part = matrixTerms(t, circuit: c, gAtGamma: gAtGamma[c], matrixSums: matrixSums[c])
      constant += part.constant
      for (factor, polynomial, matrix) in part.terms {
        terms.append((factor, s.keys[c].commitment(polynomial, matrix)))
      }
      for m in 0..<3 {
        equations.append(
          KZG.Equation(
            value: gAtGamma[c][m], terms: [(.one, g[c][m])], bound: s.shapes[c].K[m] - 2))
      }
    }
    return equations + [KZG.Equation(constant: constant, terms: terms)]
  }
}

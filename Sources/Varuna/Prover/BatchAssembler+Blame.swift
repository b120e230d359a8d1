import Algebra

extension BatchAssembler {
  /// The shares that do not satisfy their own equations, to be asked when the finished proof does not verify.
  ///
  /// The verifier's equations at alpha and beta with the sums restricted to a share's instances and with the share's own
  /// commitments; at gamma restricted to a circuit. They add up to the verifier's, so a proof that fails
  /// names somebody, and an honest share is never named. Where the matrices of a circuit are at fault, its
  /// instances are judged with the true sum of eta_M M(alpha, beta), for which `circuit` provides the constraint
  /// system; without it they are not judged.
  ///
  /// - Parameter factor: a secret factor per share that joins its two openings.
  package func culprits(
    circuit: (Int) -> IndexedCircuit?, factor: (ShareID) -> Fr
  ) -> [ShareID] {
    var culprits: [ShareID] = []
    var values: [Fr?] = []
    for c in statement.keys.indices {
      if matrixShareHolds(c) {
        values.append(Equations.matrixValue(transcript, circuit: c, matrixSums: matrixSums[c]))
      } else {
        culprits.append(.matrix(c))
        values.append(circuit(c).flatMap(trueMatrixValue))
      }
    }
    for k in holders.indices {
      if holders[k].contains(where: { values[$0.circuit] == nil }) { continue }
      let share = ShareID.instances(k)
      if !instanceShareHolds(k, values.map { $0 ?? .zero }, factor(share)) {
        culprits.append(share)
      }
    }
    return culprits
  }

  private func trueMatrixValue(_ circuit: IndexedCircuit) -> Fr? {
    let t = transcript
    var sum = Fr.zero
    for matrix in Matrix.allCases {
      guard let value = circuit.evaluate(matrix, alpha: t.alpha, beta: t.beta) else { return nil }
      sum += t.eta[matrix.rawValue] * value
    }
    return sum
  }

  private func instanceShareHolds(_ k: Int, _ matrixValues: [Fr], _ factor: Fr) -> Bool {
    let t = transcript
    let replies = instances[k]
    let atAlpha = KZG.OpeningGroup(
      point: t.alpha,
      equations: Equations.alpha(
        t, instances: holders[k], lineSums: lineSums, h0: replies.h0),
      challenges: t.openingChallenges[0],
      opening: Proof.Opening(witness: scaledAtAlpha(replies.opening.atAlpha), blinding: nil))
    let atBeta = KZG.OpeningGroup(
      point: t.beta,
      equations: Equations.beta(
        t, instances: holders[k], lineSums: lineSums, matrixValues: matrixValues, w: w,
        masks: replies.mask.map { [$0] } ?? [], g1: replies.g1, h1: replies.h1,
        g1AtBeta: replies.g1AtBeta),
      challenges: t.openingChallenges[1],
      opening: Proof.Opening(
        witness: replies.opening.atBeta, blinding: replies.opening.blindingAtBeta))
    return KZG.batchCheck(srs.verifier, [atAlpha, atBeta], randomizers: [.one, factor])
  }

  private func matrixShareHolds(_ c: Int) -> Bool {
    let t = transcript
    let xi = t.openingChallenges[2]
    let group = KZG.OpeningGroup(
      point: t.gamma,
      equations: Equations.gamma(
        t, circuits: [c], g: g, matrixSums: matrixSums, gAtGamma: gAtGamma, h2: h2Shares[c]),
      challenges: Array(xi[3 * c..<3 * c + 3]) + [xi[3 * statement.keys.count]],
      opening: Proof.Opening(witness: openingsAtGamma[c], blinding: nil))
    return KZG.batchCheck(srs.verifier, [group], randomizers: [.one])
  }
}

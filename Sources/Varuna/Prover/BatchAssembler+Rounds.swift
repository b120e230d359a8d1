import Algebra

extension BatchAssembler {
  /// After step 1: the weights of the row check.
  package mutating func afterWitness(
    _ replies: [ShareMessage.WitnessCommitments]
  ) throws(VarunaError) -> [ShareMessage.RowWeights] {
    guard let mask else {
      preconditionFailure("neither the shares nor the coordinator have a mask")
    }
    let commitment = try KZG.commit(
      srs, mask.polynomial(C: statement.C), threads: threads)
    return afterWitness(replies.map(\.w), masks: [commitment.affine])
  }

  /// After step 1 of shares with masks of their own.
  package mutating func afterMaskedWitness(
    _ replies: [ShareMessage.MaskedWitnessCommitments]
  ) -> [ShareMessage.RowWeights] {
    precondition(mask == nil, "the coordinator has a mask already")
    for k in replies.indices { instances[k].mask = replies[k].mask }
    return afterWitness(replies.map(\.w), masks: replies.map(\.mask))
  }

  private mutating func afterWitness(
    _ commitments: [[G1Affine]], masks: [G1Affine]
  ) -> [ShareMessage.RowWeights] {
    w = arranged(commitments)
    maskCommitment = sum(masks)
    let weights = transcript.round1(w: w, mask: maskCommitment)
    return perShare(weights).map { ShareMessage.RowWeights(weights: $0) }
  }

  /// After step 2: alpha.
  package mutating func afterRowcheck(
    _ replies: [ShareMessage.RowcheckShare]
  ) throws(VarunaError) -> ShareMessage.Alpha {
    for k in replies.indices { instances[k].h0 = replies[k].h0 }
    h0 = sum(replies.map(\.h0))
    return ShareMessage.Alpha(alpha: try transcript.round2(h0: h0))
  }

  /// After step 3: the factors of the line check.
  package mutating func afterLineSums(
    _ replies: [ShareMessage.LineSums]
  ) -> [ShareMessage.LineChallenge] {
    lineSums = arranged(replies.map(\.sums))
    let (weights, eta) = transcript.round3Sums(lineSums)
    return perShare(weights).map { ShareMessage.LineChallenge(eta: eta, weights: $0) }
  }

  /// After step 4: beta, for shares of instances and of matrices.
  package mutating func afterLineval(
    _ replies: [ShareMessage.LinevalShare]
  ) throws(VarunaError) -> (instances: ShareMessage.Beta, matrices: ShareMessage.AlphaBeta) {
    for k in replies.indices { (instances[k].g1, instances[k].h1) = (replies[k].g1, replies[k].h1) }
    var own: (g1: G1Affine, h1: G1Affine) = (.identity, .identity)
    if let mask {
      own.g1 = try KZG.commitBounded(
        srs, mask.remainder, bound: statement.C - 2, blinding: mask.g1
      ).affine
      own.h1 = try KZG.commit(srs, mask.quotient).affine
    }
    g1 = sum(replies.map(\.g1) + [own.g1])
    h1 = sum(replies.map(\.h1) + [own.h1])
    let beta = try transcript.round3(g1: g1, h1: h1)
    return (
      ShareMessage.Beta(beta: beta),
      ShareMessage.AlphaBeta(alpha: transcript.alpha, beta: beta)
    )
  }

  /// After the instances' step 5, which nothing but the openings waits for.
  package mutating func afterEvaluation(_ replies: [ShareMessage.LinevalEvaluation]) {
    for k in replies.indices { instances[k].g1AtBeta = replies[k].g1AtBeta }
    let own = mask.map { Polynomial($0.remainder).evaluate(at: transcript.beta) } ?? .zero
    g1AtBeta = replies.reduce(own) { $0 + $1.g1AtBeta }
  }

  /// After the matrices' step 5: delta of each circuit.
  package mutating func afterMatrices(
    _ replies: [ShareMessage.MatrixCommitments]
  ) -> [ShareMessage.Delta] {
    g = replies.map { [$0.gA, $0.gB, $0.gC] }
    matrixSums = replies.map(\.sums)
    return transcript.round4(g: g, matrixSums: matrixSums).map { ShareMessage.Delta(delta: $0) }
  }

  /// After step 6: gamma.
  package mutating func afterQuotient(
    _ replies: [ShareMessage.MatrixQuotient]
  ) throws(VarunaError) -> ShareMessage.Gamma {
    h2Shares = replies.map(\.h2)
    h2 = sum(h2Shares)
    return ShareMessage.Gamma(gamma: try transcript.round5(h2: h2))
  }

  /// After step 7, and the instances' step 5: the factors of all claims.
  package mutating func afterGamma(
    _ replies: [ShareMessage.MatrixEvaluations]
  ) -> (
    instances: ShareMessage.InstanceOpeningChallenges,
    matrices: [ShareMessage.MatrixOpeningChallenges]
  ) {
    gAtGamma = replies.map(\.gAtGamma)
    let challenges = transcript.openings(g1AtBeta: g1AtBeta, gAtGamma: gAtGamma)
    let (atBeta, atGamma) = (challenges[1], challenges[2])
    return (
      ShareMessage.InstanceOpeningChallenges(forG1: atBeta[0], forLineval: atBeta[1]),
      replies.indices.map {
        ShareMessage.MatrixOpeningChallenges(
          forG: Array(atGamma[3 * $0..<3 * $0 + 3]), forMatrix: atGamma[3 * replies.count])
      }
    )
  }

  /// After step 8: the finished proof, not yet verified.
  package mutating func afterOpening(
    _ openings: [ShareMessage.InstanceOpening], _ matrixOpenings: [ShareMessage.MatrixOpening]
  ) throws(VarunaError) -> Proof {
    for k in openings.indices { instances[k].opening = openings[k] }
    openingsAtGamma = matrixOpenings.map(\.atGamma)
    let own = try ownOpening()
    let blinding = openings.reduce(own.blinding) { $0 + $1.blindingAtBeta }
    return Proof(
      batchSizes: statement.batchSizes, w: w, mask: maskCommitment, h0: h0, g1: g1, h1: h1, g: g,
      h2: h2, g1AtBeta: g1AtBeta, gAtGamma: gAtGamma, lineSums: lineSums, matrixSums: matrixSums,
      openings: [
        Proof.Opening(witness: scaledAtAlpha(sum(openings.map(\.atAlpha))), blinding: nil),
        Proof.Opening(
          witness: sum(openings.map(\.atBeta) + [own.witness]), blinding: blinding),
        Proof.Opening(witness: sum(openingsAtGamma), blinding: nil),
      ])
  }

  /// Shares open their h_0; the equation at alpha is about -v_R(alpha) h_0, times its challenge.
  func scaledAtAlpha(_ point: G1Affine) -> G1Affine {
    let factor =
      -(Equations.vanishing(statement.R, at: transcript.alpha)
      * transcript.openingChallenges[0][0])
    return (G1(point) * factor).affine
  }

  /// The coordinator's part of the opening at beta: that of the mask.
  private func ownOpening() throws(VarunaError) -> (witness: G1Affine, blinding: Fr) {
    guard let mask else { return (.identity, .zero) }
    let t = transcript
    let (forG1, forLineval) = (t.openingChallenges[1][0], t.openingChallenges[1][1])
    var combined = mask.polynomial(C: statement.C)
    let factor = -Equations.vanishing(statement.C, at: t.beta)
    FieldVector.add(mask.quotient, scaledBy: factor, to: &combined, threads: 1)
    FieldVector.scale(&combined, by: forLineval, threads: threads)
    FieldVector.add(mask.remainder, scaledBy: forG1, to: &combined, threads: 1)
    let (witness, value) = try KZG.open(
      srs, combined, at: t.beta, blinding: mask.g1.map { $0 * forG1 }, threads: threads)
    return (witness.affine, value)
  }
}

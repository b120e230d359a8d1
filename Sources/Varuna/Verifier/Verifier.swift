import Algebra

/// Checks proofs. Never traps, whatever it is given.
public enum Verifier {
  /// Verifies an encoded proof.
  public static func verify(
    proofBytes: some Collection<UInt8>, _ statement: Statement, version: VarunaVersion,
    parameters: SRSVerifierParameters
  ) -> Verdict {
    let proof: Proof
    do throws(VarunaError) {
      proof = try Proof(bytes: proofBytes)
    } catch {
      return .rejected(error.rejection)
    }
    return verify(proof, statement, version: version, parameters: parameters)
  }

  /// Verifies a proof of a statement under one version of the protocol.
  public static func verify(
    _ proof: Proof, _ statement: Statement, version: VarunaVersion,
    parameters: SRSVerifierParameters
  ) -> Verdict {
    do throws(VarunaError) {
      try check(proof, statement, version: version, parameters: parameters)
      return .accepted
    } catch {
      return .rejected(error.rejection)
    }
  }

  /// Like `verify`, but returns the transcript and throws what it rejects for.
  @discardableResult
  public static func check(
    _ proof: Proof, _ statement: Statement, version: VarunaVersion,
    parameters: SRSVerifierParameters
  ) throws(VarunaError) -> Transcript {
    guard proof.batchSizes == statement.batchSizes, proof.isConsistent else {
      throw .statement(
        .batch("instances per circuit: \(proof.batchSizes), expected \(statement.batchSizes)"))
    }
    guard let mask = proof.mask else { throw .statement(.hiding("no mask")) }
    guard proof.openings.contains(where: { $0.blinding != nil }) else {
      throw .statement(.hiding("no blinding value"))
    }
    guard proof.openings.count == 3 else {
      throw .statement(.batch("\(proof.openings.count) openings, expected 3"))
    }
    let bounds = [statement.C - 2] + statement.shapes.flatMap { $0.K.map { $0 - 2 } }
    guard bounds.allSatisfy({ parameters.negativePowers[$0] != nil }) else {
      throw .statement(.domain("a degree bound that the universal parameters do not have"))
    }

    var t = Transcript(version: version, statement: statement)
    t.round1(w: proof.w, mask: mask)
    try t.round2(h0: proof.h0)
    t.round3Sums(proof.lineSums)
    try t.round3(g1: proof.g1, h1: proof.h1)
    t.round4(g: proof.g, matrixSums: proof.matrixSums)
    try t.round5(h2: proof.h2)
    t.openings(g1AtBeta: proof.g1AtBeta, gAtGamma: proof.gAtGamma)

    let circuits = Array(statement.keys.indices)
    let instances = statement.instances
    let values = circuits.map {
      Equations.matrixValue(t, circuit: $0, matrixSums: proof.matrixSums[$0])
    }
    let equations = [
      Equations.alpha(t, instances: instances, lineSums: proof.lineSums, h0: proof.h0),
      Equations.beta(
        t, instances: instances, lineSums: proof.lineSums, matrixValues: values, w: proof.w,
        masks: [mask], g1: proof.g1, h1: proof.h1, g1AtBeta: proof.g1AtBeta),
      Equations.gamma(
        t, circuits: circuits, g: proof.g, matrixSums: proof.matrixSums, gAtGamma: proof.gAtGamma,
        h2: proof.h2),
    ]
    let points = [t.alpha, t.beta, t.gamma]
    let groups = (0..<3).map { i in
      KZG.OpeningGroup(
        point: points[i], equations: equations[i], challenges: t.openingChallenges[i],
        opening: proof.openings[i])
    }
    guard KZG.batchCheck(parameters, groups, randomizers: t.openingRandomizers) else {
      throw .statement(.pairing)
    }
    return t
  }
}

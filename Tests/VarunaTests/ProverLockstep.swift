import Algebra
import Varuna

/// Plays the whole protocol between shares and the coordinator's side; every message goes through its encoding.
struct ProverLockstep {
  /// What the shares sent, in order.
  private(set) var messages: [(share: ShareID, name: String, bytes: [UInt8])] = []
  let instances: [InstanceShare]
  let matrices: [MatrixShare]
  let holders: [[InstanceIndex]]

  init(instances: [InstanceShare], matrices: [MatrixShare], holders: [[InstanceIndex]]) {
    self.instances = instances
    self.matrices = matrices
    self.holders = holders
  }

  private mutating func instances<M: ShareMessageCoding>(
    _ step: ShareStep, _ requests: [some ShareMessageCoding], _ name: String
  ) throws -> [M] {
    try instances.indices.map { k in
      let reply = try instances[k].answer(step: step.rawValue, payload: requests[k].bytes)
      messages.append((.instances(k), name, reply))
      return try M(bytes: reply, instances: holders[k].count)
    }
  }

  private mutating func matrices<M: ShareMessageCoding>(
    _ step: ShareStep, _ requests: [some ShareMessageCoding], _ name: String
  ) throws -> [M] {
    try matrices.indices.map { c in
      let reply = try matrices[c].answer(step: step.rawValue, payload: requests[c].bytes)
      messages.append((.matrix(c), name, reply))
      return try M(bytes: reply, instances: 0)
    }
  }

  mutating func run(_ assembler: inout BatchAssembler, masked: Bool) throws -> Proof {
    func all<M>(_ message: M) -> [M] { [M](repeating: message, count: instances.count) }
    func each<M>(_ message: M) -> [M] { [M](repeating: message, count: matrices.count) }
    let begin = all(ShareMessage.Begin())
    let rowWeights =
      masked
      ? assembler.afterMaskedWitness(
        try instances(.witness, begin, "MaskedWitnessCommitments")
          as [ShareMessage.MaskedWitnessCommitments])
      : try assembler.afterWitness(
        instances(.witness, begin, "WitnessCommitments") as [ShareMessage.WitnessCommitments])
    let alpha = try assembler.afterRowcheck(instances(.rowcheck, rowWeights, "RowcheckShare"))
    let line = assembler.afterLineSums(try instances(.lineSums, all(alpha), "LineSums"))
    let beta = try assembler.afterLineval(instances(.lineval, line, "LinevalShare"))
    assembler.afterEvaluation(try instances(.beta, all(beta.instances), "LinevalEvaluation"))
    let delta = assembler.afterMatrices(
      try matrices(.beta, each(beta.matrices), "MatrixCommitments"))
    let gamma = try assembler.afterQuotient(matrices(.quotient, delta, "MatrixQuotient"))
    let challenges = assembler.afterGamma(
      try matrices(.gamma, each(gamma), "MatrixEvaluations"))
    let openings: [ShareMessage.InstanceOpening] = try instances(
      .opening, all(challenges.instances), "InstanceOpening")
    return try assembler.afterOpening(
      openings, matrices(.opening, challenges.matrices, "MatrixOpening"))
  }
}

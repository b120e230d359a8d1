import ProofAggregation
import Varuna

extension VarunaRounds {
  /// Does a share's work here, from the same seeds and requests, up to a step.
  func honestReply(
    of share: ShareName, step: UInt8
  ) throws(CoordinatorError) -> [UInt8] {
    let id = id(share)
    do {
      let worker = try worker(id)
      for request in prover.requests(to: id) {
        let reply = try worker(request.step, request.payload)
        if request.step == step { return reply }
      }
    } catch let error as CoordinatorError {
      throw error
    } catch {
      throw .badJob("\(share) cannot be computed here: \(error)")
    }
    throw .badJob("\(share) was never asked for step \(step)")
  }

  private typealias Answer = (_ step: UInt8, _ payload: [UInt8]) throws -> [UInt8]

  private func worker(_ id: ShareID) throws -> Answer {
    switch id {
    case .matrix(let c):
      return try MatrixShare(
        srs: job.parameters.srs, dimensions: prover.dimensions,
        circuit: job.indexedCircuit(circuits[c].circuit), threads: job.threads
      ).answer
    case .instances(let k):
      let tasks = try zip(prover.holders[k], prover.instanceSeeds(of: k)).map { index, seed in
        let member = circuits[index.circuit]
        let source = try job.source(ofCircuit: member.circuit)
        let witness = try job.witness(ofInstance: member.chunks[index.instance], source)
        let circuit = try job.indexed(source, member.circuit)
        return InstanceShare.Task(
          circuit: circuit,
          assignment: circuit.r1cs.assignment(
            publicInputs: witness.publicInputs, privateValues: witness.privateValues,
            randomizer: seed.randomizer),
          seed: seed)
      }
      return try InstanceShare(
        srs: job.parameters.srs, dimensions: prover.dimensions, tasks: tasks, threads: job.threads
      ).answer
    }
  }
}

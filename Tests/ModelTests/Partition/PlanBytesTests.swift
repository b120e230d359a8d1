import Circuit
import Model
import Testing
import Varuna

/// A plan that is kept is the plan that was made.
@Suite struct PlanBytesTests {
  private func plan() throws -> (toy: ToyGraph, plan: Plan) {
    let toy = try ToyGraph(side: 8, channels: 4, argmax: true)
    let small = PlanLimits(constraints: 1 << 13, variables: 1 << 13, nonzeros: 1 << 14)
    let request = PlanRequest(
      workers: 3, limits: small, inputVisibility: .private, memory: [1 << 32, 1 << 31])
    return (toy, try Plan.make(graph: toy.graph, request: request))
  }

  @Test func aPlanThatIsReadAgainIsTheSame() throws {
    let (toy, made) = try plan()
    let bytes = made.bytes
    let read = try Plan(bytes: bytes)
    #expect(read.digest == made.digest && read.bytes == bytes && read.request == made.request)
    #expect(read.groups == made.groups && made.chunks.count > 1)
    #expect(read.graph.operations.map(\.name) == made.graph.operations.map(\.name))
    for (a, b) in zip(read.circuits, made.circuits) {
      #expect(a.program == b.program && a.counts == b.counts && a.domains == b.domains)
    }
    let seed = ProverSeed([UInt8](repeating: 7, count: 32))
    let (ours, theirs) = (
      try PlanAssignment(plan: read, inputs: toy.inputs, seed: seed),
      try PlanAssignment(plan: made, inputs: toy.inputs, seed: seed)
    )
    #expect(ours.commitments == theirs.commitments && ours.outputs == theirs.outputs)
    for chunk in made.chunks.indices {
      #expect(ours.instance(ofChunk: chunk).inputs == theirs.instance(ofChunk: chunk).inputs)
    }
  }

  /// Names are all that may change unnoticed; nothing traps.
  @Test func damagedBytesAreNoPlanOrAnEqualOne() throws {
    let (_, made) = try plan()
    let bytes = made.bytes
    let step = max(1, bytes.count / 300)
    for place in stride(from: 0, to: bytes.count, by: step) {
      #expect(throws: CircuitError.self) { try Plan(bytes: Array(bytes[..<place])) }
      for bit in [0, 6, 7] {
        var changed = bytes
        changed[place] ^= 1 << bit
        guard let other = try? Plan(bytes: changed) else { continue }
        #expect(other.digest == made.digest, "byte \(place), bit \(bit)")
      }
    }
    #expect(throws: CircuitError.self) { try Plan(bytes: bytes + [0]) }
  }
}

import Algebra
import Circuit
import Model
import Testing
import Varuna

@Suite("Plans")
struct PlanTests {
  static let limits = PlanLimits(constraints: 1 << 16, variables: 1 << 15, nonzeros: 1 << 16)

  static func request(
    workers: Int = 2, limits: PlanLimits = limits, aggregation: Aggregation = .batch
  ) -> PlanRequest {
    PlanRequest(workers: workers, limits: limits, aggregation: aggregation)
  }

  @Test("every operation is in exactly one chunk, every boundary has a maker or is an input")
  func structure() throws {
    let toy = try ToyGraph(side: 12, channels: 6)
    let plan = try Plan.make(graph: toy.graph, request: Self.request(workers: 3))
    #expect(plan.chunks.flatMap { Array($0.operations) } == Array(plan.graph.operations.indices))
    for (index, boundary) in plan.boundaries.enumerated() {
      let isInput = plan.inputs.joined().contains { $0.boundary == index }
      #expect((boundary.producer == nil) == isInput)
      for position in boundary.consumers {
        #expect(plan.chunks[position.chunk].inputs[position.index - 1] == index)
      }
      if let producer = boundary.producer {
        let chunk = plan.chunks[producer.chunk]
        #expect(chunk.outputs[producer.index - 1 - chunk.inputs.count] == index)
      }
    }
  }

  @Test("equal requests give equal digests, other requests other digests")
  func determinism() throws {
    let toy = try ToyGraph()
    let first = try Plan.make(graph: toy.graph, request: Self.request())
    let again = try Plan.make(graph: toy.graph, request: Self.request())
    #expect(first.digest == again.digest)
    var hidden = Self.request()
    hidden.inputVisibility = .private
    #expect(try Plan.make(graph: toy.graph, request: hidden).digest != first.digest)
  }

  @Test("circuits keep the limits, or the plan is refused with the limits in the text")
  func limitsAreKept() throws {
    let toy = try ToyGraph(side: 12, channels: 6)
    let small = PlanLimits(constraints: 1 << 14, variables: 1 << 14, nonzeros: 1 << 15)
    let plan = try Plan.make(graph: toy.graph, request: Self.request(limits: small))
    for circuit in plan.circuits {
      #expect(circuit.domains.constraints <= small.constraints)
      #expect(circuit.domains.variables <= small.variables)
      #expect(circuit.domains.nonzeros.allSatisfy { $0 <= small.nonzeros })
    }
    #expect(plan.chunks.count > 1)
    let tiny = PlanLimits(constraints: 64, variables: 64, nonzeros: 64)
    let error = #expect(throws: PlanError.self) {
      try Plan.make(graph: toy.graph, request: Self.request(limits: tiny))
    }
    guard case .doesNotFit(let obstacle?, tiny) = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(toy.graph.operations.contains { $0.name == obstacle.operation })
    #expect(obstacle.needs.constraints > tiny.constraints)
    #expect(error!.description.contains("'\(obstacle.operation)'"))
  }

  @Test("a model that would take more circuits than anybody proves is refused as such")
  func tooManyChunksAreRefused() throws {
    let tensors = ["image", "active"].map {
      IntegerTensor(name: $0, shape: [1024, 1024], range: -128...127, scaleBits: 4)
    }
    let graph = try IntegerGraph(
      tensors: tensors,
      operations: [IntegerOperation(name: "active", kind: .relu, inputs: [0], output: 1)],
      inputs: [0], outputs: [1])
    let small = PlanLimits(constraints: 1 << 11, variables: 1 << 11, nonzeros: 1 << 12)
    let error = #expect(throws: PlanError.self) {
      try Plan.make(graph: graph, request: Self.request(limits: small))
    }
    guard case .tooManyChunks("active", let tiles, let most, small) = error else {
      Issue.record("another error: \(String(describing: error))")
      return
    }
    #expect(tiles > most)
    #expect(error!.description.contains("'active'") && error!.description.contains("--srs"))
  }

  @Test("chunk by chunk, the witnesses satisfy the circuits and linked public inputs are equal")
  func witnesses() throws {
    let toy = try ToyGraph(side: 8, channels: 4, argmax: true)
    let small = PlanLimits(constraints: 1 << 13, variables: 1 << 13, nonzeros: 1 << 14)
    let plan = try Plan.make(graph: toy.graph, request: Self.request(limits: small))
    let seed = ProverSeed([UInt8](repeating: 7, count: 32))
    let assignment = try PlanAssignment(plan: plan, inputs: toy.inputs, seed: seed)
    let expected = try toy.graph.evaluate(inputs: toy.inputs)
    #expect(assignment.outputs == toy.graph.outputs.map { expected[$0] })
    for chunk in plan.chunks.indices {
      let compiled = try plan.circuits[plan.chunks[chunk].circuit].program.compile()
      let witness = try compiled.witness(assignment.instance(ofChunk: chunk))
      #expect(witness.publicInputs == assignment.publicInputs(ofChunk: chunk))
    }
    #expect(!plan.links.isEmpty)
    for link in plan.links {
      let from = assignment.publicInputs(ofChunk: link.from.chunk)[link.from.index]
      #expect(from == assignment.publicInputs(ofChunk: link.to.chunk)[link.to.index])
    }
  }

  @Test("without aggregation every chunk is a group of its own")
  func independent() throws {
    let toy = try ToyGraph(side: 12, channels: 6)
    let plan = try Plan.make(
      graph: toy.graph, request: Self.request(workers: 3, aggregation: .none))
    #expect(plan.groups.count == plan.chunks.count)
    for (chunk, group) in zip(plan.chunks.indices, plan.groups) {
      #expect(group.circuits.map(\.chunks) == [[chunk]])
      #expect(group.proofBytes == 957)
    }
  }
}

import Algebra
import Circuit
import Varuna

/// A tiled graph with the chunk of each tile, and its distinct circuits with their exact sizes.
struct CutGraph {
  let stages: [Stage]
  let tiled: TiledGraph
  /// One per tile.
  let chunks: [TileProgram]
  /// Distinct circuits, in order of first use.
  let circuits: [Plan.PlannedCircuit]

  /// Whether all circuits keep the limits.
  func keeps(_ limits: PlanLimits) -> Bool {
    circuits.allSatisfy { limits.allow($0.domains) }
  }

  /// Seconds until all workers are done, and a share of what all of them do: work that another worker happens to do is
  /// not free, nor are keys, which are made once for many proofs.
  func seconds(_ costs: CostModel, workers: Int) -> Double {
    CutSearch.seconds(
      circuits.map { ($0.domains, instances: $0.chunks.count, circuits: 1) }, costs,
      workers: workers)
  }
}

/// What a tile proves, before checks at a challenge are chosen.
struct TileProgram {
  /// The tile as a program of its own.
  let program: ChunkProgram
  /// SHA-256 of the program's canonical bytes.
  let digest: [UInt8]
  /// The tiled graph's tensor for each input of the program.
  let inputs: [TensorID]
  /// The tiled graph's tensor for each output of the program.
  let outputs: [TensorID]

  private init(program: ChunkProgram, digest: [UInt8], inputs: [TensorID], outputs: [TensorID]) {
    (self.program, self.digest) = (program, digest)
    (self.inputs, self.outputs) = (inputs, outputs)
  }

  /// Cuts a tile out of its graph.
  init(
    _ tile: TiledGraph.Tile, of graph: IntegerGraph, consumers: [[Int]], request: PlanRequest
  ) throws(CircuitError) {
    let chunk = try graph.chunk(
      operations: Array(tile.operations), consumers: consumers, checked: []
    ) {
      Plan.encoding(of: $0, in: graph, request: request)
    }
    self.init(
      program: chunk.program, digest: chunk.program.digest, inputs: chunk.inputs,
      outputs: chunk.outputs)
  }

  /// The same program for a copy of its tile; nil if other results of it are needed outside.
  init?(
    _ twin: TileProgram, copiedFrom old: IntegerGraph, _ oldTile: TiledGraph.Tile,
    to new: IntegerGraph, _ tile: TiledGraph.Tile, consumers: [[Int]], results: Set<TensorID>
  ) {
    var moved: [TensorID: TensorID] = [:]
    var outputs: [TensorID] = []
    for (before, now) in zip(oldTile.operations, tile.operations) {
      let (before, now) = (old.operations[before], new.operations[now])
      for (tensor, copy) in zip(before.inputs, now.inputs) { moved[tensor] = copy }
      moved[before.output] = now.output
      if results.contains(now.output)
        || consumers[now.output].contains(where: { !tile.operations.contains($0) })
      {
        outputs.append(now.output)
      }
    }
    let inputs = twin.inputs.compactMap { moved[$0] }
    guard outputs == twin.outputs.compactMap({ moved[$0] }), inputs.count == twin.inputs.count
    else { return nil }
    self.init(program: twin.program, digest: twin.digest, inputs: inputs, outputs: outputs)
  }
}

/// Compiles chunks' programs as far as counting them; every distinct one is counted once.
struct CircuitCounter {
  private struct Counted {
    let program: ChunkProgram
    let digest: [UInt8]
    let counts: ChunkCounts
  }

  private let request: PlanRequest
  private let threads: Int
  /// By the digest of the program before checks at a challenge are chosen.
  private var known: [[UInt8]: Counted] = [:]

  init(_ request: PlanRequest, threads: Int) {
    self.request = request
    self.threads = threads
  }

  /// Makes the chunks of a tiled graph.
  ///
  /// - Parameter earlier: the cut that some of its tiles are copied from.
  mutating func cut(
    _ tiled: TiledGraph, stages: [Stage], earlier: CutGraph? = nil
  ) throws(CircuitError) -> CutGraph {
    let graph = tiled.graph
    let consumers = graph.consumers
    let results = Set(graph.outputs)
    let made = Parallel.map(tiled.tiles.count, threads: threads) { [request] number in
      Result { () throws(CircuitError) in
        let tile = tiled.tiles[number]
        if let twin = tile.copied, let earlier,
          let copy = TileProgram(
            earlier.chunks[twin], copiedFrom: earlier.tiled.graph, earlier.tiled.tiles[twin],
            to: graph, tile, consumers: consumers, results: results)
        {
          return copy
        }
        return try TileProgram(tile, of: graph, consumers: consumers, request: request)
      }
    }
    let plain = try made.map { program throws(CircuitError) in try program.get() }
    let digests = plain.map(\.digest)
    try count(plain.map(\.program), digests)

    var circuitOfDigest: [[UInt8]: Int] = [:]
    var circuits: [(digest: [UInt8], chunks: [Int])] = []
    for (chunk, digest) in digests.enumerated() {
      if let circuit = circuitOfDigest[digest] {
        circuits[circuit].chunks.append(chunk)
      } else {
        circuitOfDigest[digest] = circuits.count
        circuits.append((digest, [chunk]))
      }
    }
    return CutGraph(
      stages: stages, tiled: tiled,
      chunks: plain,
      circuits: circuits.map { circuit in
        let counted = known[circuit.digest]!
        return Plan.PlannedCircuit(
          program: counted.program, digest: counted.digest, counts: counted.counts,
          chunks: circuit.chunks)
      })
  }

  private mutating func count(
    _ programs: [ChunkProgram], _ digests: [[UInt8]]
  ) throws(CircuitError) {
    var isListed: Set<[UInt8]> = []
    let new = digests.indices.filter {
      known[digests[$0]] == nil && isListed.insert(digests[$0]).inserted
    }
    let counted = Parallel.map(new.count, threads: threads) { Self.counted(programs[new[$0]]) }
    for (place, result) in zip(new, counted) { known[digests[place]] = try result.get() }
  }

  private static func counted(_ plain: ChunkProgram) -> Result<Counted, CircuitError> {
    Result { () throws(CircuitError) in
      let program = try ChunkProgram(
        graph: plain.graph, inputEncodings: plain.inputEncodings,
        outputEncodings: plain.outputEncodings)
      return Counted(program: program, digest: program.digest, counts: program.counts())
    }
  }
}

extension Plan.PlannedCircuit {
  /// A circuit with the domains that follow from its counts.
  init(program: ChunkProgram, digest: [UInt8], counts: ChunkCounts, chunks: [Int]) {
    self.init(
      program: program, digest: digest, counts: counts,
      domains: CostModel.Domains(
        constraints: counts.total.constraints,
        variables: Domain.size(atLeast: counts.publicCount) + counts.total.privateVariables,
        nonzeros: counts.total.nonzeros),
      chunks: chunks)
  }
}

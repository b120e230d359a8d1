import Algebra
import Circuit
import Varuna

/// A tiled graph with the chunk of each tile, and its distinct circuits with their exact sizes.
struct CutGraph {
  let stages: [Stage]
  let tiled: TiledGraph
  /// One per tile; their programs are those before checks at a challenge are chosen.
  let chunks: [IntegerGraph.Chunk]
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
  mutating func cut(_ tiled: TiledGraph, stages: [Stage]) throws(CircuitError) -> CutGraph {
    let graph = tiled.graph
    let consumers = graph.consumers
    let plain = try tiled.tiles.map { tile throws(CircuitError) in
      try graph.chunk(operations: Array(tile.operations), consumers: consumers, checked: []) {
        Plan.encoding(of: $0, in: graph, request: request)
      }
    }
    let digests = Parallel.map(plain.count, threads: threads) { plain[$0].program.digest }
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

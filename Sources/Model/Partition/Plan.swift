import Circuit
import Varuna

/// What a job will prove, decided before any work: chunks, their circuits, how they are linked and grouped.
///
/// Deterministic: equal graphs and requests give equal plans, with equal digests.
public struct Plan: Sendable {
  /// What was asked for.
  public let request: PlanRequest
  /// The tiled graph whose operations the chunks divide.
  public let graph: IntegerGraph
  /// In the order of the data.
  public let chunks: [Chunk]
  /// Distinct circuits, in order of first use.
  public let circuits: [PlannedCircuit]
  /// One batch proof each.
  public let groups: [Group]
  /// Tensors that chunks hand over, read from the model's input or give as its output.
  public let boundaries: [Boundary]
  /// For every input of the model the boundaries that hold it, in order of their elements.
  public let inputs: [[OutputPiece]]
  /// For every output of the model the boundaries that hold it, in order of their elements.
  public let outputs: [[OutputPiece]]
  /// For every committed parameter tensor of the model the boundaries that hold it, in order of their elements.
  public let parameters: [[OutputPiece]]

  /// Index into `boundaries`.
  public typealias BoundaryID = Int

  /// A run of operations proven as one instance of one circuit.
  public struct Chunk: Sendable {
    /// Operations of the tiled graph.
    public let operations: Range<Int>
    /// The stage it is a tile of, counted from 0 in the order of the data.
    public let stage: Int
    /// Boundaries it reads; element 1 + k of its public inputs commits to the k-th.
    public let inputs: [BoundaryID]
    /// Boundaries it makes; they follow the inputs among its public inputs.
    public let outputs: [BoundaryID]
    /// Index into `circuits`.
    public let circuit: Int
    /// Place among the instances of its circuit within its group.
    public let instance: Int
    /// Index into `groups`.
    public let group: Int
  }

  /// A circuit and its exact counts.
  public struct PlannedCircuit: Sendable {
    /// What the circuit proves.
    public let program: ChunkProgram
    /// SHA-256 of the program's canonical bytes.
    public let digest: [UInt8]
    /// Sizes of the whole circuit and of its parts.
    public let counts: ChunkCounts
    /// Sizes rounded up to the domains.
    public let domains: CostModel.Domains
    /// Chunks that are instances of it.
    public let chunks: [Int]
  }

  /// The circuits of one proof with their chunks, in order of first use (a proof sorts them by circuit id).
  public struct Group: Sendable, Equatable {
    /// Its circuits.
    public let circuits: [Member]

    /// Collects the circuits of one proof.
    package init(circuits: [Member]) { self.circuits = circuits }

    /// A circuit and those of its chunks that the group proves.
    public struct Member: Sendable, Equatable {
      /// Index of the circuit.
      public let circuit: Int
      /// Indices of its chunks.
      public let chunks: [Int]

      /// Collects the fields.
      package init(circuit: Int, chunks: [Int]) {
        (self.circuit, self.chunks) = (circuit, chunks)
      }
    }

    /// Bytes of the group's proof.
    public var proofBytes: Int {
      Proof.size(circuits: circuits.count, instances: circuits.reduce(0) { $0 + $1.chunks.count })
    }
  }

  /// A committed tensor.
  public struct Boundary: Sendable {
    /// Tensor of the tiled graph.
    public let tensor: TensorID
    /// How the tensor is committed.
    public let encoding: BoundaryEncoding
    /// The public input of its maker; nil for an input or a parameter of the model.
    public let producer: Position?
    /// The public inputs of its readers.
    public let consumers: [Position]

    /// Whether a circuit speaks about it: nothing is proven about an input that nothing reads.
    public var isBound: Bool { producer != nil || !consumers.isEmpty }
  }

  /// An element of a chunk's public inputs.
  public struct Position: Sendable, Hashable {
    /// Index of the chunk.
    public let chunk: Int
    /// Index among the public inputs; 0 is the constant 1.
    public let index: Int
  }

  /// Consecutive elements of an input, an output or a parameter tensor of the model.
  public struct OutputPiece: Sendable, Equatable {
    /// Index of the boundary.
    public let boundary: BoundaryID
    /// Place of the first element in the flattened tensor.
    public let start: Int
    /// Number of elements.
    public let count: Int

    /// Collects the fields.
    public init(boundary: BoundaryID, start: Int, count: Int) {
      (self.boundary, self.start, self.count) = (boundary, start, count)
    }
  }

  /// The boundaries of an input of the model that circuits read, in order of their elements.
  public func pieces(ofInput index: Int) -> [OutputPiece] {
    inputs[index].filter { boundaries[$0.boundary].isBound }
  }

  /// Pairs of public inputs that must be equal: maker and reader, or two readers of an input of the model.
  public var links: [(from: Position, to: Position)] {
    boundaries.flatMap { boundary -> [(from: Position, to: Position)] in
      guard let source = boundary.producer ?? boundary.consumers.first else { return [] }
      return boundary.consumers.filter { $0 != source }.map { (source, $0) }
    }
  }

  /// Predicted seconds until all workers are done, with a share of all workers' work and of the keys: what cuts are chosen by.
  public func predictedSeconds(_ costs: CostModel) -> Double {
    CutSearch.seconds(
      circuits.map { ($0.domains, instances: $0.chunks.count, circuits: 1) }, costs,
      workers: request.workers)
  }

  /// SHA-256 of everything that decides the statement: programs, encodings, links, groups, ends of the model.
  public var digest: [UInt8] {
    var text = "ezkl-plan/1\n"
    for circuit in circuits { text += "circuit \(Hexadecimal.encode(circuit.digest))\n" }
    for chunk in chunks {
      text += "chunk \(chunk.circuit) \(chunk.group) \(chunk.instance)"
      text += " \(chunk.inputs) \(chunk.outputs)\n"
    }
    for boundary in boundaries {
      let encoding = boundary.encoding
      text += "boundary \(encoding.bitWidth) \(encoding.offset) \(encoding.salted)\n"
    }
    text += "inputs \(inputs.map { $0.map(\.boundary) })\n"
    for pieces in outputs {
      text += "output \(pieces.map { [$0.boundary, $0.start, $0.count] })\n"
    }
    for pieces in parameters {
      text += "parameters \(pieces.map { [$0.boundary, $0.start, $0.count] })\n"
    }
    return SHA256.digest(Array(text.utf8))
  }
}

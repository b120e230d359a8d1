import Foundation
import Model

/// What a job hands out: batch proofs, what they speak about, and how their statements fit together.
///
/// The JSON form is stable; `docs/proof-document.md` describes every field. Nothing in it is secret.
/// Proof bytes are malleable, so a document must never be identified by the hash of a proof.
public struct ProofDocument: Codable, Equatable, Sendable {
  /// The value of `format` that this version of the product writes and reads.
  public static let format = "ezkl-proof/1"

  /// Always ``ProofDocument/format``.
  public var format: String
  /// 1, 2 or 3; only 3 is sound.
  public var varunaVersion: Int
  /// `batch`: one proof per group of chunks; `none`: one proof per chunk.
  public var aggregate: Aggregation
  /// The powers of tau.
  public var srs: SRSReference
  /// The model that was proven; nil where given circuits were.
  public var model: ModelReference?
  /// The plan in question; present if the model is.
  public var plan: PlanReference?
  /// The files of given circuits, in the order of the only group's keys; nil where a model was proven.
  public var circuits: [CircuitReference]?
  /// The chunks of the model in the order of the data; nil where given circuits were proven.
  public var chunks: [ChunkReference]?
  /// The proofs.
  public var groups: [Group]
  /// Equalities of public inputs: what one chunk produced is what another consumed.
  public var links: [Link]
  /// The model's inputs in order.
  public var inputs: [BoundTensor]
  /// The model's outputs in order.
  public var outputs: [BoundTensor]
  /// The committed weights in the order of the layers; nil where weights are fixed in the circuits.
  public var parameters: [BoundTensor]?
  /// How long the stages took.
  public var timings: Timings
  /// SHA-256 of all other fields but the timings, so that a damaged document is recognised; see ``sealed()``.
  public var digest: String?

  enum CodingKeys: String, CodingKey {
    case format, aggregate, srs, model, plan, circuits, chunks, groups, links, inputs, outputs
    case parameters, timings, digest
    case varunaVersion = "varuna_version"
  }

  /// Names the structured reference string that the proofs were made with.
  public struct SRSReference: Codable, Equatable, Sendable {
    /// Who could know the secret behind the powers.
    public enum Kind: String, Codable, Sendable {
      /// Aleo's ceremony: nobody, if one participant was honest.
      case mainnet
      /// Generated from a public seed: everybody. Proofs under it are not sound.
      case development
    }

    /// Identifies the parameters.
    public var id: String
    /// Who could know the secret.
    public var kind: Kind
    /// The seed of a development string, from which anybody can recompute it; absent otherwise.
    public var seed: String?

    /// Collects the fields.
    public init(id: String, kind: Kind, seed: String?) {
      (self.id, self.kind, self.seed) = (id, kind, seed)
    }
  }

  /// Names the model; the digest is the SHA-256 of the ONNX file, in hexadecimal.
  public struct ModelReference: Codable, Equatable, Sendable {
    /// What it is called.
    public var name: String
    /// SHA-256 in hexadecimal.
    public var digest: String

    /// Collects the fields.
    public init(name: String, digest: String) {
      (self.name, self.digest) = (name, digest)
    }
  }

  /// Names the plan, and carries what is needed to make it again from the model.
  public struct PlanReference: Codable, Equatable, Sendable {
    /// SHA-256 of the plan's canonical form, in hexadecimal.
    public var digest: String
    /// Canonical JSON text of the quantisation settings and of the partitioner's request.
    public var recipe: String

    /// Collects the fields.
    public init(digest: String, recipe: String) {
      (self.digest, self.recipe) = (digest, recipe)
    }
  }

  /// Names a circuit that was given as an `.r1cs` file; the digest is the SHA-256 of its bytes.
  public struct CircuitReference: Codable, Equatable, Sendable {
    /// What it is called.
    public var name: String
    /// SHA-256 in hexadecimal.
    public var digest: String

    /// Collects the fields.
    public init(name: String, digest: String) {
      (self.name, self.digest) = (name, digest)
    }
  }

  /// What one instance proves: a run of the model's operators.
  public struct ChunkReference: Codable, Equatable, Sendable {
    /// Index of the group.
    public var group: Int
    /// Index of the circuit in its group.
    public var circuit: Int
    /// Index of the instance of its circuit.
    public var instance: Int
    /// Names of the operators, in order.
    public var operators: [String]
    /// How many tensors it reads; their commitments come first among the public inputs, then those it makes.
    public var reads: Int

    /// Collects the fields.
    public init(group: Int, circuit: Int, instance: Int, operators: [String], reads: Int) {
      self.group = group
      self.circuit = circuit
      self.instance = instance
      self.operators = operators
      self.reads = reads
    }
  }

  /// One batch proof: `public_inputs[circuit][instance][element]`, circuits in snarkVM's order.
  public struct Group: Codable, Equatable, Sendable {
    /// Verifying keys as snarkVM serialises them (673 bytes), in hexadecimal.
    public var verifyingKeys: [String]
    /// Decimal field elements, the leading 1 included, not padded.
    public var publicInputs: [[[String]]]
    /// The proof as snarkVM serialises it, in hexadecimal.
    public var proof: String

    /// Collects the fields.
    public init(verifyingKeys: [String], publicInputs: [[[String]]], proof: String) {
      (self.verifyingKeys, self.publicInputs, self.proof) = (verifyingKeys, publicInputs, proof)
    }

    enum CodingKeys: String, CodingKey {
      case proof
      case verifyingKeys = "verifying_keys"
      case publicInputs = "public_inputs"
    }
  }

  /// Two places in the statements that must hold the same field element.
  public struct Link: Codable, Equatable, Hashable, Sendable {
    /// The maker's public input.
    public var from: PublicInputPosition
    /// The reader's public input.
    public var to: PublicInputPosition

    /// Collects the fields.
    public init(from: PublicInputPosition, to: PublicInputPosition) {
      (self.from, self.to) = (from, to)
    }
  }

  /// Seconds of wall time per stage, and bytes sent per worker; informational.
  public struct Timings: Codable, Equatable, Sendable {
    /// Quantising and planning.
    public var planSeconds: Double
    /// Making verifying keys.
    public var indexSeconds: Double
    /// The lockstep rounds.
    public var proveSeconds: Double
    /// Verifying the finished proofs.
    public var verifySeconds: Double
    /// From submission to the document.
    public var totalSeconds: Double
    /// The workers that took part.
    public var workers: [WorkerTraffic]

    /// Collects the fields.
    public init(
      planSeconds: Double, indexSeconds: Double, proveSeconds: Double, verifySeconds: Double,
      totalSeconds: Double, workers: [WorkerTraffic]
    ) {
      self.planSeconds = planSeconds
      self.indexSeconds = indexSeconds
      self.proveSeconds = proveSeconds
      self.verifySeconds = verifySeconds
      self.totalSeconds = totalSeconds
      self.workers = workers
    }

    enum CodingKeys: String, CodingKey {
      case workers
      case planSeconds = "plan_seconds"
      case indexSeconds = "index_seconds"
      case proveSeconds = "prove_seconds"
      case verifySeconds = "verify_seconds"
      case totalSeconds = "total_seconds"
    }
  }

  /// What one worker contributed to the job.
  public struct WorkerTraffic: Codable, Equatable, Sendable {
    /// What it is called.
    public var name: String
    /// Shares it held.
    public var shares: Int
    /// Bytes the worker sent.
    public var bytesSent: Int
    /// Bytes the worker received.
    public var bytesReceived: Int

    /// Collects the fields.
    public init(name: String, shares: Int, bytesSent: Int, bytesReceived: Int) {
      self.name = name
      self.shares = shares
      self.bytesSent = bytesSent
      self.bytesReceived = bytesReceived
    }

    enum CodingKeys: String, CodingKey {
      case name, shares
      case bytesSent = "bytes_sent"
      case bytesReceived = "bytes_received"
    }
  }

  /// The document of a model.
  public init(
    varunaVersion: Int, aggregate: Aggregation, srs: SRSReference, model: ModelReference,
    plan: PlanReference, groups: [Group], links: [Link], inputs: [BoundTensor],
    outputs: [BoundTensor], timings: Timings
  ) {
    self.format = Self.format
    self.varunaVersion = varunaVersion
    self.aggregate = aggregate
    self.srs = srs
    self.model = model
    self.plan = plan
    self.groups = groups
    self.links = links
    self.inputs = inputs
    self.outputs = outputs
    self.timings = timings
  }

  /// The document of given circuits: batch proofs about public inputs and nothing else.
  public init(
    varunaVersion: Int, srs: SRSReference, circuits: [CircuitReference], groups: [Group],
    timings: Timings
  ) {
    self.format = Self.format
    self.varunaVersion = varunaVersion
    self.aggregate = .batch
    self.srs = srs
    self.circuits = circuits
    self.groups = groups
    links = []
    inputs = []
    outputs = []
    self.timings = timings
  }
}

/// A place in the statements of a document, written `[group, circuit, instance, index]`.
public struct PublicInputPosition: Codable, Hashable, Sendable, CustomStringConvertible {
  /// Index of the group.
  public var group: Int
  /// Index of the circuit.
  public var circuit: Int
  /// Index of the instance within its circuit.
  public var instance: Int
  /// Index among the public inputs; 0 is the constant 1.
  public var index: Int

  /// Collects the fields.
  public init(group: Int, circuit: Int, instance: Int, index: Int) {
    (self.group, self.circuit, self.instance, self.index) = (group, circuit, instance, index)
  }

  /// Decodes exactly four numbers.
  public init(from decoder: any Decoder) throws {
    var values = try decoder.unkeyedContainer()
    group = try values.decode(Int.self)
    circuit = try values.decode(Int.self)
    instance = try values.decode(Int.self)
    index = try values.decode(Int.self)
    guard values.isAtEnd else {
      throw DecodingError.dataCorruptedError(
        in: values, debugDescription: "a position has four numbers")
    }
  }

  /// Encodes an array of four numbers.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.unkeyedContainer()
    for number in [group, circuit, instance, index] { try values.encode(number) }
  }

  /// One line for a person.
  public var description: String { "[\(group), \(circuit), \(instance), \(index)]" }
}

/// An input, output or tensor of weights of the model and the commitments that bind it to the proofs.
public struct BoundTensor: Codable, Equatable, Sendable {
  /// What it is called.
  public var name: String
  /// Dimensions, row-major.
  public var shape: [Int]
  /// real value = integer / scale; a power of two.
  public var scale: Double
  /// Who learns the values.
  public var visibility: Visibility
  /// The commitments of the tensor's pieces; together they cover every element once.
  public var commitments: [Commitment]
  /// The integers that the circuit speaks about, in row-major order; present if public.
  public var integers: [Int64]?
  /// `integers` divided by `scale`; present if public.
  public var floats: [Double]?

  /// Collects the fields.
  public init(
    name: String, shape: [Int], scale: Double, visibility: Visibility, commitments: [Commitment],
    integers: [Int64]?, floats: [Double]?
  ) {
    self.name = name
    self.shape = shape
    self.scale = scale
    self.visibility = visibility
    self.commitments = commitments
    self.integers = integers
    self.floats = floats
  }

  /// A Poseidon commitment to consecutive elements of the tensor.
  ///
  /// The preimage is `[salt]` (if salted) followed by the elements `integer - offset` as `bit_width`-bit
  /// little-endian numbers, concatenated and cut into 252-bit field elements; the hash is Aleo's
  /// `hash.psd8` over them.
  public struct Commitment: Codable, Equatable, Sendable {
    /// Always `aleo-psd8-raw`.
    public var hash: String
    /// Place of the first element in the flattened tensor.
    public var start: Int
    /// Number of elements.
    public var count: Int
    /// Bits per element.
    public var bitWidth: Int
    /// The value stored as 0.
    public var offset: Int64
    /// Whether a random element leads the preimage.
    public var salted: Bool
    /// The commitment as a decimal field element.
    public var value: String
    /// Every public input that must equal `value`.
    public var positions: [PublicInputPosition]

    /// The only hash of this format.
    public static let hash = "aleo-psd8-raw"

    /// Collects the fields.
    public init(
      start: Int, count: Int, bitWidth: Int, offset: Int64, salted: Bool, value: String,
      positions: [PublicInputPosition]
    ) {
      self.hash = Self.hash
      self.start = start
      self.count = count
      self.bitWidth = bitWidth
      self.offset = offset
      self.salted = salted
      self.value = value
      self.positions = positions
    }

    enum CodingKeys: String, CodingKey {
      case hash, start, count, offset, salted, value, positions
      case bitWidth = "bit_width"
    }
  }
}

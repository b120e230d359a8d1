import Algebra
import Foundation
import Model
import Varuna

/// What a job hands out: batch proofs, what they speak about, and how their statements fit together.
///
/// The JSON form is stable; `docs/proof-document.md` describes every field. A value of this type has been read once and for
/// all: every field has its own type, numbers are within bounds, and the fields are those of its ``kind``. Whether it is
/// *true* is what `DocumentVerifier` says. Nothing in it is secret. Proof bytes are malleable, so a document must never be
/// identified by the hash of a proof.
public struct ProofDocument: Equatable, Sendable {
  /// The value of `format` that this version of the product writes and reads.
  public static let format = "ezkl-proof/3"

  /// Only version 3 is sound.
  public var varunaVersion: VarunaVersion
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
  /// The chunks of the model in the order of the data; present if the model is.
  public var chunks: [ChunkReference]?
  /// The proofs; at least one.
  public var groups: [Group]
  /// Equalities of public inputs: what one chunk produced is what another consumed.
  public var links: [Link]
  /// The model's inputs in order.
  public var inputs: [BoundTensor]
  /// The model's outputs in order.
  public var outputs: [BoundTensor]
  /// The committed weights in the order of the layers; nil where weights are fixed in the circuits.
  public var parameters: [BoundTensor]?
  /// What accuracy the submitter asked for, and what the run reached; present if the model is.
  public var accuracy: RecordedAccuracy?
  /// How long the stages took.
  public var timings: Timings
  /// SHA-256 of all other fields but the timings, so that a damaged document is recognised; see ``sealed()``.
  public var digest: FileDigest?

  /// What a document is about.
  public enum Kind: String, Codable, Sendable {
    /// A run of a model.
    case model
    /// Instances of circuits that were given as files, which it names.
    case circuits
    /// Instances of circuits that it knows by their keys only.
    case proofs
  }

  /// What it is about.
  public var kind: Kind { model != nil ? .model : circuits != nil ? .circuits : .proofs }

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

  /// Names the model.
  public struct ModelReference: Codable, Equatable, Sendable {
    /// What whoever submitted it called it; nothing depends on it.
    public var name: String
    /// SHA-256 of the ONNX file.
    public var digest: FileDigest

    /// Collects the fields.
    public init(name: String, digest: FileDigest) {
      (self.name, self.digest) = (name, digest)
    }
  }

  /// Names the plan, and carries what is needed to make it again from the model.
  public struct PlanReference: Equatable, Sendable {
    /// SHA-256 of the plan's canonical form.
    public var digest: FileDigest
    /// `QuantizationSettings.digest` of the manifest's settings.
    public var settings: FileDigest
    /// The quantisation settings and the partitioner's request; `recipe` in the JSON form.
    public var manifest: PlanManifest

    /// Collects the fields.
    public init(digest: FileDigest, settings: FileDigest, manifest: PlanManifest) {
      (self.digest, self.settings, self.manifest) = (digest, settings, manifest)
    }
  }

  /// Names a circuit that was given as an `.r1cs` file.
  public struct CircuitReference: Codable, Equatable, Sendable {
    /// What it is called.
    public var name: String
    /// SHA-256 of the file.
    public var digest: FileDigest

    /// Collects the fields.
    public init(name: String, digest: FileDigest) {
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
  public struct Group: Equatable, Sendable {
    /// Verifying keys.
    public var verifyingKeys: [VerifyingKey]
    /// Field elements, the leading 1 included, not padded.
    public var publicInputs: [[[Fr]]]
    /// The proof.
    public var proof: Proof

    /// Collects the fields.
    public init(verifyingKeys: [VerifyingKey], publicInputs: [[[Fr]]], proof: Proof) {
      (self.verifyingKeys, self.publicInputs, self.proof) = (verifyingKeys, publicInputs, proof)
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

  /// The document of a model.
  public init(
    varunaVersion: VarunaVersion, srs: SRSReference, model: ModelReference, plan: PlanReference,
    form: DocumentForm, groups: [Group], inputs: [BoundTensor], outputs: [BoundTensor],
    parameters: [BoundTensor], accuracy: RecordedAccuracy, timings: Timings
  ) {
    self.varunaVersion = varunaVersion
    self.aggregate = form.aggregate
    self.srs = srs
    self.model = model
    self.plan = plan
    self.chunks = form.chunks
    self.groups = groups
    self.links = form.links
    self.inputs = inputs
    self.outputs = outputs
    self.parameters = parameters.isEmpty ? nil : parameters
    self.accuracy = accuracy
    self.timings = timings
  }

  /// The document of given circuits: batch proofs about public inputs and nothing else.
  public init(
    varunaVersion: VarunaVersion, srs: SRSReference, circuits: [CircuitReference], groups: [Group],
    timings: Timings
  ) {
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

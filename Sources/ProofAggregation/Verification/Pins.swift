import Model
import Varuna

/// What whoever verifies a document brings along, instead of believing the prover.
public struct Pins: Sendable {
  /// The `QuantizationSettings.digest` of the only settings to accept; nil: whatever the prover chose.
  public var settings: FileDigest?
  /// How visible inputs and outputs must be, and where weights must stand.
  public var visibility: VisibilityPins
  /// How far public outputs may be from the float model's.
  public var accuracy: AccuracyRule
  /// Whether the user gave `accuracy`; false: it is the default.
  public var isAccuracyChosen: Bool
  /// The circuits that the keys must be those of; nil: any.
  public var circuits: [GivenCircuit]?
  /// Documents that must be about the same committed weights.
  public var sameWeights: [NamedDocument]
  /// Whether Varuna V1 and V2, which have a public soundness flaw, are accepted.
  public var allowsUnsoundVersion: Bool
  /// Whether the reader's own coordinator made the document: then nobody else chose its keys and settings, and there is
  /// nothing to warn of. Changes no check.
  public var isOwnDocument: Bool

  /// Pins nothing but the default accuracy, unless said otherwise.
  public init(
    settings: FileDigest? = nil, visibility: VisibilityPins = VisibilityPins(),
    accuracy: AccuracyRule? = nil, circuits: [GivenCircuit]? = nil,
    sameWeights: [NamedDocument] = [], allowsUnsoundVersion: Bool = false,
    isOwnDocument: Bool = false
  ) {
    self.settings = settings
    self.visibility = visibility
    self.accuracy = accuracy ?? .standard
    isAccuracyChosen = accuracy != nil
    self.circuits = circuits
    self.sameWeights = sameWeights
    self.allowsUnsoundVersion = allowsUnsoundVersion
    self.isOwnDocument = isOwnDocument
  }

  /// A circuit that the reader of a document has, and the key recomputed from it.
  public struct GivenCircuit: Sendable {
    /// What it is called.
    public var name: String
    /// SHA-256 of the file.
    public var digest: FileDigest
    /// Its key under the document's parameters.
    public var key: VerifyingKey
    /// Public inputs of an instance by the file, the leading 1 included: the key only knows the power of two that they are padded to.
    public var publicCount: Int

    /// Collects the fields.
    public init(name: String, digest: FileDigest, key: VerifyingKey, publicCount: Int) {
      self.name = name
      self.digest = digest
      self.key = key
      self.publicCount = publicCount
    }
  }

  /// Another document and what it is called.
  public struct NamedDocument: Sendable {
    /// What it is called.
    public var name: String
    /// The document.
    public var document: ProofDocument

    /// Collects the fields.
    public init(name: String, document: ProofDocument) {
      (self.name, self.document) = (name, document)
    }
  }
}

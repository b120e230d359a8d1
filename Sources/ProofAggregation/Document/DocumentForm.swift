import Algebra
import Model
import Varuna

/// Everything about a document that the model and the manifest alone decide: all but the proofs, the elements of the
/// statements, and the values of public tensors.
///
/// Documents are made from it, and compared with it as a whole.
public struct DocumentForm: Equatable, Sendable {
  /// How chunks became proofs.
  public var aggregate: Aggregation
  /// The chunks in the order of the data.
  public var chunks: [ProofDocument.ChunkReference]
  /// Per group the keys in the proof's order.
  public var keys: [[VerifyingKey]]
  /// Per group, circuit and instance the number of public inputs, the leading 1 included.
  public var statements: [[[Int]]]
  /// Every equality of public inputs.
  public var links: [ProofDocument.Link]
  /// The model's inputs.
  public var inputs: [TensorForm]
  /// The model's outputs.
  public var outputs: [TensorForm]
  /// The committed weights; none where weights are in the circuits.
  public var parameters: [TensorForm]

  /// What a plan decides, with the names, shapes and scales of a quantised model.
  public init(_ layout: DocumentLayout, of model: QuantizedModel) {
    let (plan, request) = (layout.plan, layout.plan.request)
    aggregate = request.aggregation
    chunks = layout.chunks
    keys = layout.keys
    statements = layout.circuits.indices.map { group in
      layout.chunks(ofGroup: group).map { chunks in
        chunks.map { 1 + plan.chunks[$0].inputs.count + plan.chunks[$0].outputs.count }
      }
    }
    links = layout.links
    func forms(
      _ ports: [QuantizedModel.Port], _ pieces: [[Plan.OutputPiece]], _ visibility: Visibility
    ) -> [TensorForm] {
      precondition(ports.count == pieces.count, "a tensor without commitments of its own")
      return zip(ports, pieces).map { port, pieces in
        TensorForm(port, visibility: visibility, pieces: pieces, layout: layout)
      }
    }
    inputs = forms(
      model.inputs, plan.inputs.indices.map(plan.pieces(ofInput:)), request.inputVisibility)
    outputs = forms(model.outputs, plan.outputs, request.outputVisibility)
    parameters = forms(
      model.parameters.map(\.port), plan.parameters, request.parameterVisibility ?? .hashed)
  }
}

/// What the plan decides about an input, an output or a tensor of weights.
public struct TensorForm: Equatable, Sendable {
  /// The name in the model.
  public var name: String
  /// Its shape.
  public var shape: [Int]
  /// real value = integer / scale.
  public var scale: Double
  /// Who learns the values.
  public var visibility: Visibility
  /// Its pieces in order.
  public var commitments: [CommitmentForm]

  /// What the plan decides about a commitment.
  public struct CommitmentForm: Equatable, Sendable {
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
    /// The public inputs that hold it, in the order of the plan.
    public var positions: [PublicInputPosition]
    /// Index of the boundary in the plan.
    public var boundary: Int
  }

  init(
    _ port: QuantizedModel.Port, visibility: Visibility, pieces: [Plan.OutputPiece],
    layout: DocumentLayout
  ) {
    name = port.name
    shape = port.shape
    scale = powerOfTwo(port.scaleBits)
    self.visibility = visibility
    commitments = pieces.map { piece in
      let boundary = layout.plan.boundaries[piece.boundary]
      return CommitmentForm(
        start: piece.start, count: piece.count, bitWidth: boundary.encoding.bitWidth,
        offset: boundary.encoding.offset, salted: boundary.encoding.salted,
        positions: layout.positions(of: boundary), boundary: piece.boundary)
    }
  }

  /// In which respects a tensor of a document is another one; none if it is this.
  package func differences(from tensor: BoundTensor) -> [String] {
    var found: [String] = []
    // Byte by byte: equal strings may be written differently.
    if !tensor.name.utf8.elementsEqual(name.utf8) {
      found.append("its name, in the model '\(name)'")
    }
    if tensor.shape != shape { found.append("its shape, in the model \(shape)") }
    if tensor.scale != scale { found.append("its scale, in the plan \(scale)") }
    if tensor.visibility != visibility {
      found.append("its visibility, in the plan \(visibility)")
    }
    let differs =
      commitments.count != tensor.commitments.count
      || zip(commitments, tensor.commitments).contains { form, commitment in
        (form.start, form.count, form.bitWidth) != (
          commitment.start, commitment.count, commitment.bitWidth
        )
          || (form.offset, form.salted) != (commitment.offset, commitment.salted)
          || form.positions != commitment.positions
      }
    if differs { found.append("the public inputs that it is bound to") }
    return found
  }
}

extension BoundTensor {
  /// A tensor of this form.
  ///
  /// - Parameters:
  ///   - form: name, shape, scale, visibility and positions.
  ///   - commitments: for every boundary of the plan its commitment.
  ///   - integers: the values; they are left out unless the tensor is public.
  public init(_ form: TensorForm, commitments: (_ boundary: Int) -> Fr, integers: [Int64]) {
    self.init(
      name: form.name, shape: form.shape, scale: form.scale, visibility: form.visibility,
      commitments: form.commitments.map { piece in
        Commitment(
          start: piece.start, count: piece.count, bitWidth: piece.bitWidth, offset: piece.offset,
          salted: piece.salted, value: commitments(piece.boundary), positions: piece.positions)
      },
      integers: form.visibility == .public ? integers : nil,
      floats: form.visibility == .public ? integers.map { Double($0) / form.scale } : nil)
  }
}

/// 2^exponent, exactly.
func powerOfTwo(_ exponent: Int) -> Double {
  Double(sign: .plus, exponent: exponent, significand: 1)
}

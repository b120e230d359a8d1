import Algebra
import Model

/// What the proofs of a document speak about, without the proofs: all of a document that can be judged before there are any.
struct DocumentStatement: Sendable {
  /// What the document is about.
  let kind: ProofDocument.Kind
  /// Per group, circuit and instance the public inputs, the leading 1 included.
  let publicInputs: [[[[Fr]]]]
  /// Equalities of public inputs.
  let links: [ProofDocument.Link]
  /// Everything of the model that commitments bind, and what it is.
  let tensors: [(kind: ProofDocument.TensorKind, tensors: [BoundTensor])]
  /// The settings that the document names; nil where no model was proven.
  let settings: QuantizationSettings?

  /// That of a finished document.
  init(_ document: ProofDocument) {
    self.init(draft: document, publicInputs: document.groups.map(\.publicInputs))
  }

  /// That of a document whose groups do not exist yet.
  init(draft document: ProofDocument, publicInputs: [[[[Fr]]]]) {
    kind = document.kind
    self.publicInputs = publicInputs
    links = document.links
    tensors = document.boundTensors
    settings = document.plan?.manifest.settings
  }

  /// Every check that needs neither keys nor proofs nor a model.
  var checks: [DocumentCheck] {
    [linkCheck] + (kind == .model ? [tieCheck] : [])
      + tensors.flatMap { kind, tensors in tensors.map { tensorCheck(kind, $0) } }
      + (kind == .model ? [fixedInputCheck, missingNumberCheck] : [])
  }

  /// The element at a position, nil if there is none.
  func publicInput(_ position: PublicInputPosition) -> Fr? {
    guard publicInputs.indices.contains(position.group) else { return nil }
    let circuits = publicInputs[position.group]
    guard circuits.indices.contains(position.circuit) else { return nil }
    let instances = circuits[position.circuit]
    guard instances.indices.contains(position.instance) else { return nil }
    let elements = instances[position.instance]
    return elements.indices.contains(position.index) ? elements[position.index] : nil
  }

  /// All positions but those of the leading ones, in order.
  var positions: [PublicInputPosition] {
    publicInputs.enumerated().flatMap { group, circuits in
      circuits.enumerated().flatMap { circuit, instances in
        instances.enumerated().flatMap { instance, elements in
          elements.indices.dropFirst().map {
            PublicInputPosition(group: group, circuit: circuit, instance: instance, index: $0)
          }
        }
      }
    }
  }
}

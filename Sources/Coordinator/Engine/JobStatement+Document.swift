import ProofAggregation
import Varuna

extension JobStatement {
  /// The document with these proofs and the keys of all circuits; nothing in it is verified yet.
  ///
  /// snarkVM orders the circuits of a proof by circuit id, which their keys tell.
  func document(
    proofs: [[UInt8]], keys: [VerifyingKey], making: DocumentMaking
  ) throws(VarunaError) -> ProofDocument {
    precondition(proofs.count == groups.count && keys.count == circuits.count)
    // For every group its members in the order of the proof.
    let orders = groups.map { members in
      members.indices.sorted {
        keys[members[$0].circuit].circuitID.lexicographicallyPrecedes(
          keys[members[$1].circuit].circuitID)
      }
    }
    let places = orders.map { order in
      var places = [Int](repeating: 0, count: order.count)
      for (place, member) in order.enumerated() { places[member] = place }
      return places
    }
    var document = draft
    document.varunaVersion = making.version
    document.srs = making.srs
    document.timings = making.timings
    document.groups = try proofs.indices.map { (group) throws(VarunaError) in
      let members = orders[group].map { groups[group][$0] }
      return ProofDocument.Group(
        verifyingKeys: members.map { keys[$0.circuit] },
        publicInputs: members.map { member in
          member.instances.map { instances[$0].publicInputs }
        },
        proof: try Proof(bytes: proofs[group]))
    }
    // Given circuits are all in one group, and are listed in its order.
    if let references = draft.circuits { document.circuits = orders[0].map { references[$0] } }
    document.movePositions { places[$0.group][$0.circuit] }
    return document
  }

  /// What `verify` would refuse in the document whatever keys and proofs it gets; nil if there is nothing.
  var fault: DocumentCheck? {
    draft.draftFault(
      publicInputs: groups.map { members in
        members.map { $0.instances.map { instances[$0].publicInputs } }
      })
  }
}

extension ProofDocument {
  /// All places that the document names, but those of its chunks.
  private var tensors: [BoundTensor] { inputs + outputs + (parameters ?? []) }

  /// Every place in the statements that the document names.
  var positions: [PublicInputPosition] {
    links.flatMap { [$0.from, $0.to] } + tensors.flatMap(\.commitments).flatMap(\.positions)
      + (chunks ?? []).map {
        PublicInputPosition(
          group: $0.group, circuit: $0.circuit, instance: $0.instance, index: 0)
      }
  }

  /// Gives every circuit its place in the order of the proof.
  fileprivate mutating func movePositions(_ place: (PublicInputPosition) -> Int) {
    func moved(_ position: PublicInputPosition) -> PublicInputPosition {
      var position = position
      position.circuit = place(position)
      return position
    }
    func moved(_ tensors: [BoundTensor]) -> [BoundTensor] {
      tensors.map { tensor in
        var tensor = tensor
        for index in tensor.commitments.indices {
          tensor.commitments[index].positions = tensor.commitments[index].positions.map(moved)
        }
        return tensor
      }
    }
    links = links.map { Link(from: moved($0.from), to: moved($0.to)) }
    inputs = moved(inputs)
    outputs = moved(outputs)
    parameters = parameters.map(moved)
    chunks = chunks?.map { chunk in
      var chunk = chunk
      chunk.circuit = place(
        PublicInputPosition(
          group: chunk.group, circuit: chunk.circuit, instance: chunk.instance, index: 0))
      return chunk
    }
  }
}

import Algebra
import Model
import Varuna

extension DocumentVerifier {
  /// Compares all that the plan decides with the document.
  func modelChecks(_ expectation: ModelExpectation) -> [DocumentCheck] {
    let form = expectation.form
    var model: [String] = []
    if document.model?.digest != expectation.modelDigest {
      model.append(
        "the document is about \(document.model?.digest.hex ?? "no model"), "
          + "the file is \(expectation.modelDigest)")
    }
    var plan: [String] = []
    if document.plan?.digest != expectation.planDigest {
      plan.append("the plan made again has the digest \(expectation.planDigest)")
    }
    if document.aggregate != form.aggregate {
      plan.append("aggregation is \(form.aggregate) in the plan")
    }
    if document.chunks != form.chunks { plan.append("the chunks are not those of the plan") }
    var keys: [String] = []
    if document.groups.map(\.verifyingKeys) != form.keys {
      keys.append("the verifying keys are not those of the model under this plan")
    }
    if document.groups.map({ $0.publicInputs.map { $0.map(\.count) } }) != form.statements {
      keys.append("the instances and their public inputs are not as many as the plan has")
    }
    return [
      DocumentCheck("model digest", model, otherwise: expectation.modelDigest.hex),
      DocumentCheck("plan of the model", plan, otherwise: expectation.planDigest.hex),
      DocumentCheck(
        "keys of the model", keys, otherwise: "all \(form.keys.joined().count) recomputed"),
      DocumentCheck(
        "links of the plan",
        document.links == form.links ? [] : ["the links are not those that the plan demands"],
        otherwise: "\(form.links.count)"),
      formCheck("inputs of the plan", document.inputs, form.inputs),
      formCheck("outputs of the plan", document.outputs, form.outputs),
      formCheck("weights of the plan", document.parameters ?? [], form.parameters),
    ] + weightChecks(expectation)
  }

  /// Whether tensors have the names, shapes, scales and visibilities, and stand where the plan puts them.
  private func formCheck(_ name: String, _ tensors: [BoundTensor], _ forms: [TensorForm])
    -> DocumentCheck
  {
    var failures: [String] = []
    if tensors.count != forms.count {
      failures.append("\(tensors.count) tensors, the plan has \(forms.count)")
    }
    for (tensor, form) in zip(tensors, forms) {
      let differences = form.differences(from: tensor)
      if !differences.isEmpty {
        failures.append("'\(tensor.name)' differs in \(differences.joined(separator: ", "))")
      }
    }
    return DocumentCheck(name, failures, otherwise: "\(tensors.count)")
  }

  /// Whether hashed weights are those of the model; private ones cannot be recomputed.
  private func weightChecks(_ expectation: ModelExpectation) -> [DocumentCheck] {
    guard !expectation.weights.isEmpty else { return [] }
    let found = document.parameters ?? []
    var failures: [String] = []
    if found.count != expectation.weights.count {
      failures.append("\(found.count) tensors, the model has \(expectation.weights.count)")
    }
    for (tensor, commitments) in zip(found, expectation.weights)
    where tensor.commitments.map(\.value) != commitments {
      failures.append("'\(tensor.name)' are not the model's")
    }
    return [
      DocumentCheck("weights of the model", failures, otherwise: "all \(found.count) recomputed")
    ]
  }
}

import Algebra
import Circuit
import Model
import Varuna

/// What shows without keys that a document is about something else: found before the work that its recipe would make.
extension ProofDocument {
  /// Elements that a model may have for each variable of the circuits, and for none: most steps make variables, but copies
  /// and sums make elements alone.
  private static let (elementsPerVariable, freeElements) = (64, 1 << 18)

  /// Variables of all circuits, once for every instance.
  var variableCount: Int {
    groups.reduce(0) { sum, group in
      zip(group.verifyingKeys, group.publicInputs).reduce(sum) { sum, pair in
        let (count, overflow) = Int(clamping: pair.0.variableCount)
          .multipliedReportingOverflow(by: pair.1.count)
        let next = sum.addingReportingOverflow(overflow ? .max : count)
        return next.overflow ? .max : next.partialValue
      }
    }
  }

  /// Why the circuits cannot be about so large a model; nil where they may be.
  package func misfit(of model: Model) -> UnfitManifest? {
    let (most, overflow) = variableCount.multipliedReportingOverflow(by: Self.elementsPerVariable)
    let elements = model.elementCount
    guard !overflow, elements > Self.freeElements, elements - Self.freeElements > most else {
      return nil
    }
    return UnfitManifest(
      check: "size",
      description: "the model has \(elements) numbers under this recipe, and the circuits have "
        + "\(variableCount) variables")
  }

  /// Why the keys cannot be those of a plan, by their numbers and sizes; nil where they may be.
  package func misfit(of plan: Plan) -> UnfitManifest? {
    func fault(_ what: String) -> UnfitManifest {
      UnfitManifest(check: "keys of the model", description: "\(what) than the recipe gives")
    }
    if chunks?.count != plan.chunks.count { return fault("other chunks") }
    if groups.count != plan.groups.count { return fault("another number of proofs") }
    for (group, planned) in zip(groups, plan.groups) {
      // Their order follows from the keys.
      let found = zip(group.verifyingKeys, group.publicInputs).map { key, instances in
        Self.sizes(key) + [UInt64(instances.count)]
      }
      let expected = planned.circuits.map { member in
        Self.sizes(plan.circuits[member.circuit].counts) + [UInt64(member.chunks.count)]
      }
      guard
        found.sorted(by: { $0.lexicographicallyPrecedes($1) })
          == expected.sorted(by: { $0.lexicographicallyPrecedes($1) })
      else { return fault("keys of other sizes, or of other numbers of instances,") }
    }
    return nil
  }

  private static func sizes(_ key: VerifyingKey) -> [UInt64] {
    [key.publicCount, key.variableCount, key.constraintCount] + key.nonzeros
  }

  private static func sizes(_ counts: ChunkCounts) -> [UInt64] {
    let padded = Domain.size(atLeast: counts.publicCount)
    return [padded, padded + counts.total.privateVariables, counts.total.constraints].map {
      UInt64($0)
    } + counts.total.nonzeros.map { UInt64($0) }
  }
}

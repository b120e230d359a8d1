import Model

/// The numbers of a public tensor as a reader sees them: whole ones exactly, missing ones as such.
package struct ShownNumbers: Equatable, Sendable {
  /// One element.
  package enum Number: Equatable, Sendable {
    /// Of a tensor whose integers are its numbers.
    case whole(Int64)
    /// Of any other tensor.
    case real(Double)
    /// What stands for a missing number (NaN).
    case missing
  }

  /// The elements, row-major.
  package let numbers: [Number]
  /// Places of missing numbers; nil where the tensor has no mark for such.
  package let missing: [Int]?
  /// The place of the largest number, the last of equal ones; nil where there are fewer than two.
  package let largest: Int?

  /// Nil for a tensor that is not public.
  ///
  /// - Parameters:
  ///   - tensor: an input or output of a document.
  ///   - marks: what stands for missing numbers of the document's inputs; none for an output.
  package init?(_ tensor: BoundTensor, marks: [MissingMark] = []) {
    guard let integers = tensor.integers, let floats = tensor.floats,
      integers.count == floats.count
    else { return nil }
    let own = marks.first { $0.name.utf8.elementsEqual(tensor.name.utf8) }
    let mark = own?.integer(scale: tensor.scale)
    let isWhole = tensor.scale == 1
    numbers = zip(integers, floats).map { integer, float in
      if integer == mark { return .missing }
      return isWhole ? .whole(integer) : .real(float)
    }
    missing = own.map { _ in integers.indices.filter { integers[$0] == mark } }
    // By the integers: floats of different ones can be equal.
    let there = integers.indices.filter { integers[$0] != mark }
    largest = there.count > 1 ? there.max { integers[$0] < integers[$1] } : nil
  }
}

extension ShownNumbers.Number: Encodable {
  /// A JSON number, for whole ones with all its digits; null for a missing one.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .whole(let integer): try container.encode(integer)
    case .real(let number): try container.encode(number)
    case .missing: try container.encodeNil()
    }
  }
}

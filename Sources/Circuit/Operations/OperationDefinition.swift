/// All that the rest of the program needs to know of one kind of integer operation: its byte form, what fits it, what it
/// computes, how a part of it is cut out, and its constraints with what they cost.
///
/// A kind is one type in one file of this folder, and one row of each list in `IntegerOperation+Kind.swift`.
protocol OperationDefinition: Sendable {
  /// The kind that this defines, constants included.
  var kind: IntegerOperation.Kind { get }

  // MARK: Form

  /// The kind's code in the byte form.
  var tag: OperationTag { get }
  /// Writes the constants; the tag stands before them.
  func encode(into writer: inout CanonicalWriter)
  /// Number of input tensors, or nil for any positive number.
  var arity: Int? { get }
  /// Whether element i of the output depends on element i of each input and on nothing else.
  var isElementwise: Bool { get }
  /// Whether the declared range of the output may be narrower than the derived one, because constraints enforce it.
  var enforcesRange: Bool { get }
  /// Number of output elements for these inputs, or what is wrong with their sizes, their ranges or the constants.
  func outputCount(_ inputs: [IntegerTensor]) -> Result<Int, OperationMismatch>
  /// What of that has to hold so that `range` can be asked.
  func mismatch(_ inputs: [IntegerTensor]) -> OperationMismatch?

  // MARK: Meaning

  /// The output elements for these inputs, which must lie in ranges that the graph was validated for.
  func evaluate(_ inputs: [[Int64]]) -> [Int64]
  /// The smallest range, by interval arithmetic, of the results for inputs in their declared ranges, before any is enforced.
  func range(_ inputs: [IntegerTensor]) -> Interval

  // MARK: Parts

  /// The smallest set of output elements that one tile can make and that holds these; ascending.
  func tileable(_ elements: [Int]) -> [Int]
  /// The part that makes these output elements, in this order.
  ///
  /// - Parameters:
  ///   - elements: a set that `tileable` leaves as it is, ascending.
  ///   - inputs: element counts of the operation's inputs.
  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile

  // MARK: Constraints

  /// Adds how often the constraints mention each element of the inputs.
  func countUses(of inputs: [TensorID], in use: inout ElementUse)
  /// Whether the input is read by the low bits that a clamp has left, where that clamp starts at `lowest`, if there is one.
  func readsBits(clampedFrom lowest: Int64?) -> Bool
  /// Whether elements of the output are integers that bits of their own have just made.
  var leavesBits: Bool { get }
  /// Whether elements of the output come with the bits that they are made of, so that a following sign or table needs none.
  func makesBits(of input: ClosedRange<Int64>) -> Bool
  /// How many bits of its input it makes, for elements of these ranges, if it does.
  func bitsOfInput(_ input: ClosedRange<Int64>, output: ClosedRange<Int64>) -> Int?
  /// Emits the constraints; returns one wire per output element.
  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire]
  /// The predicted size of these constraints.
  func cost(_ site: OperationSite) -> OperationCost
}

/// Why the inputs of an operation do not fit it.
struct OperationMismatch: Error {
  var reason: String
}

extension OperationDefinition {
  func encode(into writer: inout CanonicalWriter) {}
  var arity: Int? { 1 }
  var isElementwise: Bool { false }
  var enforcesRange: Bool { false }
  var leavesBits: Bool { false }

  func mismatch(_ inputs: [IntegerTensor]) -> OperationMismatch? {
    guard case .failure(let mismatch) = outputCount(inputs) else { return nil }
    return mismatch
  }

  func tileable(_ elements: [Int]) -> [Int] { elements }
  func readsBits(clampedFrom lowest: Int64?) -> Bool { false }
  func makesBits(of input: ClosedRange<Int64>) -> Bool { leavesBits }
  func bitsOfInput(_ input: ClosedRange<Int64>, output: ClosedRange<Int64>) -> Int? { nil }

  /// This many elements if a condition holds, else a mismatch.
  func writes(
    _ count: Int, if condition: Bool, else reason: @autoclosure () -> String
  ) -> Result<Int, OperationMismatch> {
    condition ? .success(count) : .failure(OperationMismatch(reason: reason()))
  }
}

/// A kind whose output element i depends on element i of each input and on nothing else.
protocol ElementwiseOperation: OperationDefinition {
  /// What is wrong with the inputs' ranges or with the constants, if anything; counts are known to be equal.
  func unfitness(_ inputs: [IntegerTensor]) -> String?
}

extension ElementwiseOperation {
  var isElementwise: Bool { true }
  func unfitness(_ inputs: [IntegerTensor]) -> String? { nil }

  func outputCount(_ inputs: [IntegerTensor]) -> Result<Int, OperationMismatch> {
    let count = inputs[0].count
    if let other = inputs.first(where: { $0.count != count }) {
      return .failure(
        OperationMismatch(reason: "inputs have \(count) and \(other.count) elements"))
    }
    if let reason = unfitness(inputs) { return .failure(OperationMismatch(reason: reason)) }
    return .success(count)
  }

  func tile(_ elements: [Int], inputs: [Int]) -> IntegerOperation.Kind.Tile {
    .init(kind: kind, reads: [[Int]](repeating: elements, count: inputs.count))
  }
}

/// A kind whose results may also be claimed, and checked all together at a challenge.
protocol CheckableOperation: OperationDefinition {
  /// Claims the results and notes what is to be checked of them.
  ///
  /// - Parameter index: the operation's number in the program's graph.
  func emitChecked(
    in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID, index: Int
  ) -> [Wire]
  /// Adds how often the check mentions each element of the inputs.
  func countCheckedUses(of inputs: [TensorID], in use: inout ElementUse)
  /// About what the results cost if each is constrained by itself, and if they are checked; nil where no check speaks of them.
  func checkCosts(
    _ operation: IntegerOperation, in plan: ArgumentPlan
  ) -> (direct: ArgumentPlan.Size, checked: ArgumentPlan.Size)?
}

extension CheckableOperation {
  /// A check mentions every element once, however often it is used.
  func countCheckedUses(of inputs: [TensorID], in use: inout ElementUse) {
    for input in inputs { use.add(1, toAll: input) }
  }
}

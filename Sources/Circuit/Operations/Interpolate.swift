import Algebra

/// A piecewise polynomial at x: the coefficients of a segment are read by the high bits, and its polynomial is evaluated at the
/// low ones.
struct Interpolate: ElementwiseOperation {
  let table: SegmentTable

  var kind: IntegerOperation.Kind { .interpolate(table) }
  var tag: OperationTag { .interpolate }

  func encode(into writer: inout CanonicalWriter) { table.encode(into: &writer) }

  func unfitness(_ inputs: [IntegerTensor]) -> String? {
    table.domain?.covers(inputs[0].range) ?? false ? nil : "the table does not cover its input"
  }

  func evaluate(_ inputs: [[Int64]]) -> [Int64] { inputs[0].map { table[$0] } }

  func range(_ inputs: [IntegerTensor]) -> Interval { Interval(table, over: inputs[0].range) }

  // MARK: Constraints

  func countUses(of inputs: [TensorID], in use: inout ElementUse) { use.add(1, toAll: inputs[0]) }

  /// Only segments that begin where the clamped numbers do are read by the bits that are there.
  func readsBits(clampedFrom lowest: Int64?) -> Bool { lowest == table.lowest }

  func bitsOfInput(_ input: ClosedRange<Int64>, output: ClosedRange<Int64>) -> Int? {
    input.signedBitCount
  }

  func emit(in circuit: inout ChunkCircuit, _ inputs: [TensorID], _ output: TensorID) -> [Wire] {
    circuit.read(table, inputs[0])
  }

  func cost(_ site: OperationSite) -> OperationCost {
    let width = 64 - (table.slopes.count - 1).leadingZeroBitCount
    let functions = table.coefficients.count
    let products = Multiplexer.constraints(bitCount: width, functions: functions) + functions - 1
    return OperationCost(
      each: site.inputBits + products, plus: functions << width, of: site.count)
  }
}

extension Interpolate {
  init(from reader: inout CanonicalReader) throws(CircuitError) {
    self.init(table: try SegmentTable(from: &reader))
  }
}

extension Interval {
  /// Values of a segment table over arguments inside it; the smallest interval for linear segments.
  init(_ table: SegmentTable, over range: ClosedRange<Int64>) {
    let (start, end) = (range.lowerBound &- table.lowest, range.upperBound &- table.lowest)
    var hull: Interval?
    for segment in Int(start >> Int64(table.lowBits))...Int(end >> Int64(table.lowBits)) {
      let base = Int64(segment) << Int64(table.lowBits)
      let last = base + (1 << Int64(table.lowBits)) - 1
      let places = [max(start, base) - base, min(end, last) - base]
      let intercept = Int128(table.intercepts[segment])
      let values: Interval
      if table.isCurved {
        // Slopes rise or fall inside the segment: slope and place are taken apart.
        let bends = Interval(
          lowest: Int128(places[0] >> Int64(table.coarseBits)),
          highest: Int128(places[1] >> Int64(table.coarseBits))
        ).times(Int128(table.curvatures[segment]))
        let slope = Int128(table.slopes[segment])
        let slopes = bends + Interval(lowest: slope, highest: slope)
        values = slopes * Interval(lowest: Int128(places[0]), highest: Int128(places[1]))
      } else {
        values = Interval(lowest: Int128(places[0]), highest: Int128(places[1])).times(
          Int128(table.slopes[segment]))
      }
      let sum = values + Interval(lowest: intercept, highest: intercept)
      hull = hull?.union(sum) ?? sum
    }
    self = hull ?? .lost
  }
}

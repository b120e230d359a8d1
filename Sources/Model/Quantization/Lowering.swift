import Circuit

/// Turns a fused graph and settings into the integer program; the same on every machine.
///
/// Scales are powers of two per tensor. An affine map keeps the product of its scales in its result, and a rounding
/// step brings that back to the precision of the settings where later steps become cheaper by it.
struct Lowering {
  private let graph: Graph
  private let settings: QuantizationSettings
  private var tensors: [IntegerTensor] = []
  private var operations: [IntegerOperation] = []
  /// The integer tensor of each value.
  private var place: [TensorID]
  /// Predicted constraints: about one per bit that a range check or comparison decomposes.
  private(set) var cost = 0
  private let consumers: [[Int]]

  static func lower(
    _ graph: Graph, _ settings: QuantizationSettings
  ) throws(ModelError) -> (graph: IntegerGraph, cost: Int) {
    try settings.check(inputs: graph.inputs.count, values: graph.values.count)
    var lowering = Lowering(graph, settings)
    do throws(CircuitError) {
      lowering.addInputs()
      for step in graph.steps { try lowering.add(step) }
      let program = try IntegerGraph(
        tensors: lowering.tensors, operations: lowering.operations,
        inputs: graph.inputs.map { lowering.place[$0] },
        outputs: graph.outputs.map { lowering.place[$0] })
      return (program, lowering.cost)
    } catch {
      throw .circuit(error)
    }
  }

  private init(_ graph: Graph, _ settings: QuantizationSettings) {
    self.graph = graph
    self.settings = settings
    place = [TensorID](repeating: -1, count: graph.values.count)
    consumers = graph.consumers
  }

  private mutating func addInputs() {
    for (index, input) in graph.inputs.enumerated() {
      let width = settings.inputWidths[index]
      let range = -(Int64(1) << Int64(width - 1))...(Int64(1) << Int64(width - 1)) - 1
      place[input] = append(input, range: range, scaleBits: settings.inputScaleBits[index])
      cost += width * graph.values[input].count
    }
  }

  private mutating func append(
    _ value: ValueID, suffix: String = "", range: ClosedRange<Int64>, scaleBits: Int
  ) -> TensorID {
    tensors.append(
      IntegerTensor(
        name: graph.values[value].name + suffix, shape: graph.values[value].shape, range: range,
        scaleBits: scaleBits))
    return tensors.count - 1
  }

  /// Binary digits after the point that a rounded value keeps.
  private func target(_ value: ValueID) -> Int {
    settings.activationBits - settings.magnitudes[value]
  }

  private mutating func add(_ step: Graph.Step) throws(CircuitError) {
    let inputs = step.inputs.map { tensors[place[$0]] }
    let kind: IntegerOperation.Kind
    var scaleBits = inputs[0].scaleBits
    switch step.kind {
    case .affine(let map):
      let quantized = try quantize(map, inputs, target: target(step.output), name: step.name)
      kind = .linear(quantized.map)
      scaleBits = quantized.scaleBits
    case .relu:
      kind = .relu
      cost += inputs[0].count * inputs[0].range.signedBitCount
    case .product:
      kind = .product
      scaleBits += inputs[1].scaleBits
      cost += inputs[0].count
    case .matmul(let batch, let m, let k, let n):
      kind = .matmul(batch: batch, m: m, k: k, n: n)
      scaleBits += inputs[1].scaleBits
      cost += batch * m * k * n
    case .maximum(let windows):
      kind = .maximum(windows: windows)
      let comparisons = windows.reduce(0) { $0 + $1.count }
      cost += comparisons * (inputs[0].range.signedBitCount + 1)
    case .argmax(let groups, let last):
      kind = .argmax(groups: groups, last: last)
      scaleBits = 0
    default:
      throw .invalidGraph(place: step.name, reason: "the operator cannot be proven")
    }
    let range = try IntegerOperation.derivedRange(of: kind, inputs: inputs, name: step.name)
    let shift = scaleBits - target(step.output)
    let isRounded = needsRounding(step, shift: shift)
    let result = append(
      step.output, suffix: isRounded ? ".exact" : "", range: range, scaleBits: scaleBits)
    operations.append(
      IntegerOperation(
        name: step.name, kind: kind, inputs: step.inputs.map { place[$0] }, output: result))
    place[step.output] = isRounded ? try round(step, result, shift: shift) : result
  }

  /// Whether dropping `shift` bits of a step's result makes what follows cheaper.
  private func needsRounding(_ step: Graph.Step, shift: Int) -> Bool {
    switch step.kind {
    case .relu, .maximum, .argmax: return false
    case .affine, .product, .matmul: break
    default: return false
    }
    guard shift > 0 else { return false }
    let users = consumers[step.output]
    let width = settings.activationBits + settings.headroomBits + 1
    var later = 0
    for user in users {
      switch graph.steps[user].kind {
      case .argmax: later += shift * graph.values[step.output].count
      case .affine: later += shift * graph.values[graph.steps[user].output].count
      // A sign or a comparison decomposes the value anyway; a product doubles its bits.
      case .relu, .maximum, .product, .matmul: return true
      default: return true
      }
    }
    return later > (shift + width) * graph.values[step.output].count
  }

  /// Rounds a tensor to its target precision, in the calibrated range with headroom or the derived one if smaller.
  private mutating func round(
    _ step: Graph.Step, _ exact: TensorID, shift: Int
  ) throws(CircuitError) -> TensorID {
    let shift = min(shift, 62)
    let kind = IntegerOperation.Kind.rescale(shift: shift)
    let derived = try IntegerOperation.derivedRange(
      of: kind, inputs: [tensors[exact]], name: step.name)
    let width = Int64(settings.activationBits + settings.headroomBits)
    let calibrated = -(Int64(1) << width)...(Int64(1) << width) - 1
    let natural = derived.signedPowerOfTwo
    let fits = natural.signedBitCount <= calibrated.signedBitCount || !derived.overlaps(calibrated)
    let range = fits ? natural : calibrated
    let rounded = append(
      step.output, range: range, scaleBits: tensors[exact].scaleBits - shift)
    operations.append(
      IntegerOperation(name: step.name, kind: kind, inputs: [exact], output: rounded))
    cost += tensors[exact].count * (shift + range.signedBitCount)
    return rounded
  }

  /// Coefficients and biases as integers at the coarsest scale that is exact or has `weightBits` bits.
  private func quantize(
    _ map: RealMap, _ inputs: [IntegerTensor], target: Int, name: String
  ) throws(CircuitError) -> (map: LinearMap, scaleBits: Int) {
    var ends: [Int] = []
    for input in inputs { ends.append((ends.last ?? 0) + input.count) }
    func scale(_ column: UInt32) -> Int {
      var index = 0
      while Int(column) >= ends[index] { index += 1 }
      return inputs[index].scaleBits
    }
    var largest = Int.min
    var exact = Int.min
    for entry in 0..<map.entryCount {
      let coefficient = map.coefficients[entry]
      guard coefficient != 0 else { continue }
      let own = scale(map.columns[entry])
      largest = max(largest, Int(coefficient.exponent) + 1 - own)
      exact = max(exact, own - lowestBit(coefficient))
    }
    var scaleBits = largest == .min ? target : min(settings.weightBits - largest, exact)
    let biasExact = map.biases.lazy.filter { $0 != 0 }.map { -lowestBit($0) }.max() ?? .min
    if biasExact > scaleBits { scaleBits = max(scaleBits, min(biasExact, target)) }

    var result = LinearMap(inputCount: map.inputCount)
    result.reserve(rows: map.outputCount, entries: map.entryCount)
    for row in 0..<map.outputCount {
      var entries: [(column: Int, coefficient: Int64)] = []
      for entry in map.entries(row) {
        let column = map.columns[entry]
        let scaled = integer(map.coefficients[entry], scaleBits - scale(column))
        guard let scaled else { throw tooWide(name, map.coefficients[entry]) }
        if scaled != 0 { entries.append((Int(column), scaled)) }
      }
      guard let bias = integer(map.biases[row], scaleBits) else {
        throw tooWide(name, map.biases[row])
      }
      result.appendRow(entries, bias: bias)
    }
    return (result, scaleBits)
  }

  private func tooWide(_ name: String, _ value: Double) -> CircuitError {
    .rangeTooWide(operation: name, lowest: "\(value)", highest: "\(value)", declared: nil)
  }

  /// Exponent of the lowest set bit of a nonzero number.
  private func lowestBit(_ value: Double) -> Int {
    Int(value.exponent) - value.significandWidth
  }

  /// value * 2^bits, rounded; nil if it needs more than 62 bits.
  private func integer(_ value: Double, _ bits: Int) -> Int64? {
    let scaled = Double(sign: .plus, exponent: bits, significand: value)
      .rounded(.toNearestOrAwayFromZero)
    return abs(scaled) < 0x1p62 ? Int64(scaled) : nil
  }
}

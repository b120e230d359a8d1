import Algebra

extension ChunkCircuit {
  /// Reads a table by the bits of all elements of a tensor.
  mutating func read(_ table: FunctionTable, _ input: TensorID) -> [Wire] {
    var multiplexers = [BitRun.Frame: Multiplexer]()
    var results = [Wire]()
    for element in wires[input].indices {
      builder.enter(element: element)
      results.append(read(table, input, element, &multiplexers))
    }
    return results
  }

  /// One value of a table.
  mutating func read(_ table: FunctionTable, _ input: TensorID, _ element: Int) -> Wire {
    var multiplexers = [BitRun.Frame: Multiplexer]()
    return read(table, input, element, &multiplexers)
  }

  private mutating func read(
    _ table: FunctionTable, _ input: TensorID, _ element: Int,
    _ multiplexers: inout [BitRun.Frame: Multiplexer]
  ) -> Wire {
    let run = argument(input, element, unit: 1)
    let multiplexer = multiplexers.value(run.frame) {
      Multiplexer(
        bitCount: run.bits.count, functions: [Self.extended(table.values, table.lowest, run, 0)])
    }
    let value = builder.multiplex(run.bits, multiplexer)[0]
    return capped(input, element, value) { table[$0] }
  }

  /// What has been read by an element's bits, or the function's value at its limit where it was beyond.
  private func capped(
    _ input: TensorID, _ element: Int, _ value: LinearCombination, _ function: (Int64) -> Int64
  ) -> Wire {
    guard let cap = wires[input][element].cap else { return Wire(combination: value) }
    let last = Int64(cap.bits.offset) + (1 << Int64(cap.bits.bits.count)) - 1
    let limit = LinearCombination(constant: SmallScalars.scalar(function(last)))
    return Wire(
      combination: builder.select(
        cap.isInside, value, else: limit,
        value: builder.value(builder.value(cap.isInside).isZero ? limit : value)))
  }

  /// Reads the coefficients of segments by the high bits of all elements and evaluates their polynomials at the low ones.
  mutating func read(_ table: SegmentTable, _ input: TensorID) -> [Wire] {
    var multiplexers = [BitRun.Frame: Multiplexer]()
    var results = [Wire]()
    for element in wires[input].indices {
      builder.enter(element: element)
      let run = argument(input, element, unit: table.lowBits, from: table.lowest)
      let multiplexer = multiplexers.value(run.frame) {
        Multiplexer(
          bitCount: max(0, run.bits.count - table.lowBits),
          functions: table.coefficients.map {
            Self.extended($0, table.lowest, run, table.lowBits)
          })
      }
      let read = builder.multiplex(run.bits.dropFirst(table.lowBits), multiplexer)
      let low = run.bits.prefix(table.lowBits)
      var slope = read[1]
      if table.isCurved {
        let coarse = LinearCombination(offset: .zero, bits: low.dropFirst(table.coarseBits))
        slope.add(builder.product(read[2], coarse), times: .one)
      }
      let rise = builder.product(slope, LinearCombination(offset: .zero, bits: low))
      results.append(capped(input, element, read[0] + rise) { table[$0] })
    }
    return results
  }

  /// The bits of an argument, from any start that they are there for already, or from the bottom of its range.
  ///
  /// - Parameter lowest: where the segments of 2^unit arguments begin; bits must start at one of them.
  private mutating func argument(
    _ tensor: TensorID, _ element: Int, unit: Int, from lowest: Int64? = nil
  ) -> BitRun {
    if let cap = wires[tensor][element].cap,
      cap.bits.offset == Int128(lowest ?? Int64(cap.bits.offset))
    {
      return cap.bits
    }
    let range = range(tensor)
    let start = lowest ?? range.lowerBound
    let needed = Int128.bitWidth - (Int128(range.upperBound) - Int128(start)).leadingZeroBitCount
    if let run = wires[tensor][element].bits, run.bits.count <= needed + 1,
      lowest.map({ (run.offset - Int128($0)) & ((1 << Int128(unit)) - 1) == 0 }) ?? true
    {
      return run
    }
    return bits(tensor, element, from: start)
  }

  /// The values for all numbers of a run of bits; beyond the table, where no argument lies, the nearest one.
  private static func extended(
    _ values: [Int64], _ lowest: Int64, _ run: BitRun, _ lowBits: Int
  ) -> [Int64] {
    let start = (run.offset - Int128(lowest)) >> Int128(lowBits)
    return (0..<1 << max(0, run.bits.count - lowBits)).map { number in
      values[Int(min(max(0, start + Int128(number)), Int128(values.count - 1)))]
    }
  }
}

extension Dictionary {
  /// The value of a key, made at first use.
  fileprivate mutating func value(_ key: Key, make: () -> Value) -> Value {
    if let known = self[key] { return known }
    let value = make()
    self[key] = value
    return value
  }
}

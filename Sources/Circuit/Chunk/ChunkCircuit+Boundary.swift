import Algebra

extension ChunkCircuit {
  mutating func emitInput(_ tensor: TensorID, place: Int, used: [UInt32]) {
    let encoding = program.inputEncodings[place]
    let range = program.graph.tensors[tensor].range
    let (size, width) = (BoundaryEncoding.pieceBits, encoding.bitWidth)
    let isOutput = program.graph.outputs.contains(tensor)
    // A piece without any used element stays one variable. An element across two pieces ties them together.
    var needed = [Bool](repeating: isOutput, count: encoding.pieceCount(used.count))
    func pieces(_ element: Int) -> (Int, Int) {
      ((element * width) / size, (element * width + width - 1) / size)
    }
    for element in used.indices where used[element] > 0 {
      let (first, last) = pieces(element)
      needed[first] = true
      needed[last] = true
    }
    // An element that straddles a needed and an unneeded piece makes the latter needed, one after the other.
    let straddling = used.indices.filter { pieces($0).0 != pieces($0).1 }
    for element in straddling where needed[pieces(element).0] { needed[pieces(element).1] = true }
    for element in straddling.reversed() where needed[pieces(element).1] {
      needed[pieces(element).0] = true
    }
    let plan = BitPlan(possible: nil, enforced: range, signed: use.wantsSign[tensor])
    let tensorValues = values?[tensor]
    var elements = [Wire?]()
    elements.reserveCapacity(used.count)
    for element in used.indices {
      guard needed[pieces(element).0] else {
        elements.append(nil)
        continue
      }
      builder.enter(element: element)
      let run = builder.integer(plan: plan, value: tensorValues.map { Int128($0[element]) })
      elements.append(Wire(run))
    }
    wires[tensor] = elements.map { $0 ?? .unread }
    settle(tensor)
    let settled = wires[tensor]
    let free = Set(needed.indices.filter { !needed[$0] })
    let combinations = builder.pack(
      elements.indices.map { elements[$0] == nil ? nil : settled[$0] }, range: range,
      encoding: encoding, free: free, values: tensorValues,
      pieces: free.isEmpty ? nil : packed(tensor, encoding))
    builder.commit(
      combinations, salt: salts?[place], salted: encoding.salted, publicInput: 1 + place)
  }

  func emitOutput(_ tensor: TensorID, place: Int) {
    let encoding = program.outputEncodings[place]
    let index = program.graph.inputs.count + place
    let combinations = builder.pack(
      wires[tensor], range: program.graph.tensors[tensor].range, encoding: encoding, free: [],
      values: values?[tensor], pieces: nil)
    builder.commit(
      combinations, salt: salts?[index], salted: encoding.salted, publicInput: 1 + index)
  }

  private func packed(_ tensor: TensorID, _ encoding: BoundaryEncoding) -> [Fr]? {
    guard let list = values?[tensor] else { return nil }
    guard let pieces = try? encoding.pack(list) else {
      preconditionFailure("boundary values were checked against a range inside the encoding")
    }
    return pieces
  }
}

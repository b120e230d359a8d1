extension VerifierProgram {
  /// Name of the function that commits to an input.
  public func openingName(_ number: Int) -> String {
    openings.count == 1 ? "commit_input" : "commit_input_\(number)"
  }

  /// Lengths of the arrays that an input is passed as, nil if one function cannot take it.
  public func openingArrays(_ number: Int) -> [Int]? {
    let (words, most) = (openings[number].words, AleoLimits.arrayElements)
    let parts = stride(from: 0, to: words.count, by: most).map { min(most, words.count - $0) }
    let inputs = parts.count + (openings[number].isSalted ? 1 : 0)
    // snarkVM refuses values of more than 128 KiB.
    guard VerifierProgram.Words(count: parts.first ?? 0, bits: words.bits).fitsArray,
      inputs <= AleoLimits.functionInputs, words.count * words.bits / 8 < 120_000
    else { return nil }
    return parts
  }

  /// The struct that an input's preimage is put together in; nil where one array is the preimage.
  func openingStructure(_ number: Int) -> ProgramSource.Structure? {
    guard let parts = openingArrays(number) else { return nil }
    let opening = openings[number]
    guard opening.isSalted || parts.count > 1 else { return nil }
    let salt = opening.isSalted ? [("salt", PlaintextType.array(of: .boolean, count: 252))] : []
    return .init(
      name: "packed_\(number)",
      members: salt
        + parts.enumerated().map {
          ("part_\($0)", Words(count: $1, bits: opening.words.bits).type)
        })
  }

  /// The function that computes the commitment to an input from its packed elements; nil where none can.
  func openingFunction(_ number: Int) -> InstructionBlock? {
    guard let parts = openingArrays(number) else { return nil }
    let opening = openings[number]
    var block = InstructionBlock(.function, openingName(number))
    var operands = parts.map {
      block.input(Words(count: $0, bits: opening.words.bits).type, "private")
    }
    if opening.isSalted {
      // The salt fills the first 252-bit piece of the preimage; its top bit must be 0.
      let bits = block.bits(of: block.input(.field, "private"), count: 253)
      block.assertEqual(bits[252], "false")
      let type = PlaintextType.array(of: .boolean, count: 252)
      operands.insert(block.cast((0..<252).map { bits[$0] }, into: type), at: 0)
    }
    let preimage =
      openingStructure(number).map { block.cast(operands, into: $0.type) } ?? operands[0]
    block.output(block.poseidon(preimage, raw: true), "private")
    return block
  }
}

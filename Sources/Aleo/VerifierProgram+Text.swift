import Varuna

extension VerifierProgram {
  /// The program in Aleo instructions.
  public var text: String {
    var parts = ["program \(name);", outcomeText, mappingText]
    for number in openings.indices {
      if let opening = opening(number) { parts += opening }
    }
    // No edition but the first: the keys stay what they are.
    parts += [functionText, finalizeBlock.text, "constructor:\n    assert.eq edition 0u16;\n"]
    return parts.joined(separator: "\n\n").replacing("\n\n\n", with: "\n\n")
  }

  // MARK: - What is recorded

  private var digestType: PlaintextType { .array(of: .byte, count: 32) }

  /// Members of the recorded struct: a name, a type, and the values that it holds.
  private var outcomeMembers: [(name: String, type: PlaintextType, values: [Int])] {
    var members = [
      (
        name: "inputs", type: PlaintextType.array(of: .field, count: inputs.count), values: inputs
      )
    ]
    let committed = outputs.filter { values[$0] == .given }
    if !committed.isEmpty {
      members.append(("outputs", .array(of: .field, count: committed.count), committed))
    }
    // The keys do not say which weights: whoever reads the outcome must compare them.
    if !parameters.isEmpty {
      members.append(
        ("parameters", .array(of: .field, count: parameters.count), parameters))
    }
    for (number, output) in outputs.enumerated() {
      if case .hashed(let words) = values[output] {
        members.append(("output_\(number)", words.type, [output]))
      }
    }
    return members
  }

  /// The recorded struct.
  var outcomeType: PlaintextType {
    .structure(name: "outcome", members: [digestType, digestType] + outcomeMembers.map(\.type))
  }

  /// Members of the recorded struct.
  var outcomeMemberCount: Int { 2 + outcomeMembers.count }

  private var outcomeText: String {
    "struct outcome:\n    model as \(digestType.text);\n    settings as \(digestType.text);\n"
      + outcomeMembers.map { "    \($0.name) as \($0.type.text);\n" }.joined()
  }

  private var mappingText: String {
    "mapping \(Self.mapping):\n    key as field.public;\n    value as outcome.public;\n"
  }

  // MARK: - Verification

  private var functionText: String {
    var block = InstructionBlock("function \(Self.function)")
    let inputs = functionInputs.map { block.input($0, "public") }
    block.finalize(Self.function, of: name, inputs)
    return block.text
  }

  /// The scope that verifies the proofs and records what they say.
  var finalizeBlock: InstructionBlock {
    var block = InstructionBlock("finalize \(Self.function)")
    let arguments = functionInputs.map { block.input($0, "public") }
    let integers = Array(arguments[1...].prefix(words.count))
    let proofs = arguments.suffix(groups.count)
    let sources = sources(given: arguments[0], integers: integers, &block)

    var keys: [[UInt8]: InstructionBlock.Operand] = [:]
    let keyType = PlaintextType.array(of: .byte, count: VerifyingKey.byteCount)
    for (number, proof) in zip(groups.indices, proofs) {
      for circuit in groups[number] where keys[circuit.key] == nil {
        keys[circuit.key] = block.cast(circuit.key.map { "\($0)u8" }, into: keyType)
      }
      let operand = block.cast(
        groups[number].map { keys[$0.key]! },
        into: .array(of: keyType, count: groups[number].count))
      let statement = statement(ofGroup: number, sources, &block)
      let verdict = block.verifyBatch(keys: operand, inputs: statement, proof: proof)
      block.assertEqual(verdict, "true")
    }
    record(sources, integers, &block)
    return block
  }

  /// For every value the operand that holds it.
  private func sources(
    given: InstructionBlock.Operand, integers: [InstructionBlock.Operand],
    _ block: inout InstructionBlock
  ) -> [InstructionBlock.Operand] {
    var (nextGiven, nextIntegers) = (0, 0)
    return values.map { value in
      switch value {
      case .given:
        defer { nextGiven += 1 }
        return given[nextGiven]
      case .hashed:
        defer { nextIntegers += 1 }
        return block.poseidon(integers[nextIntegers], raw: true)
      }
    }
  }

  /// The public inputs of a group: `[[[field; m]; instances]; circuits]`.
  private func statement(
    ofGroup group: Int, _ sources: [InstructionBlock.Operand], _ block: inout InstructionBlock
  ) -> InstructionBlock.Operand {
    let width = publicCount(ofGroup: group)
    let row = PlaintextType.array(of: .field, count: width)
    let circuits = groups[group].map { circuit in
      let instances = circuit.instances.map { elements in
        let padding = [String](repeating: "0field", count: width - 1 - elements.count)
        return block.cast(["1field"] + elements.map { sources[$0].text } + padding, into: row)
      }
      return block.cast(instances, into: .array(of: row, count: instances.count))
    }
    return block.cast(circuits, into: .array(of: circuits[0].type, count: circuits.count))
  }

  private func record(
    _ sources: [InstructionBlock.Operand], _ integers: [InstructionBlock.Operand],
    _ block: inout InstructionBlock
  ) {
    let hashed = values.indices.filter { values[$0] != .given }
    var members = [modelDigest, settingsDigest].map { digest in
      block.cast(digest.map { "\($0)u8" }, into: digestType)
    }
    for member in outcomeMembers {
      if let place = hashed.firstIndex(of: member.values[0]) {
        members.append(integers[place])
      } else {
        members.append(block.cast(member.values.map { sources[$0] }, into: member.type))
      }
    }
    let outcome = block.cast(members, into: outcomeType)
    let key = block.poseidon(outcome, raw: false)
    block.set(outcome, in: Self.mapping, at: key)
  }

  // MARK: - Commitments to inputs

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

  /// The struct and the function that compute the commitment to an input from its packed elements.
  private func opening(_ number: Int) -> [String]? {
    guard let parts = openingArrays(number) else { return nil }
    let (opening, name) = (openings[number], openingName(number))
    let types = parts.map { Words(count: $0, bits: opening.words.bits).type }
    var block = InstructionBlock("function \(name)")
    var operands = types.map { block.input($0, "private") }
    let names = parts.indices.map { "part_\($0)" }
    guard opening.isSalted || parts.count > 1 else {
      block.output(block.poseidon(operands[0], raw: true), as: "field.private")
      return [block.text]
    }
    var members = zip(names, types).map { (name: $0, type: $1) }
    if opening.isSalted {
      // The salt fills the first 252-bit piece of the preimage; its top bit must be 0.
      let saltBits = block.bits(of: block.input(.field, "private"))
      block.assertEqual(saltBits[252], "false")
      let type = PlaintextType.array(of: .boolean, count: 252)
      operands.insert(block.cast((0..<252).map { saltBits[$0] }, into: type), at: 0)
      members.insert(("salt", type), at: 0)
    }
    let structure = "packed_\(number)"
    let packed = block.cast(
      operands, into: .structure(name: structure, members: members.map(\.type)))
    block.output(block.poseidon(packed, raw: true), as: "field.private")
    let text =
      "struct \(structure):\n" + members.map { "    \($0.name) as \($0.type.text);\n" }.joined()
    return [text, block.text]
  }
}

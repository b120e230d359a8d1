import Varuna

extension VerifierProgram {
  /// The program in Aleo instructions.
  public var text: String { source.text }

  /// The program in its parts.
  var source: ProgramSource {
    var source = ProgramSource(name: name, imports: libraries.map(\.name))
    source.structures = [outcomeStructure] + openings.indices.compactMap(openingStructure)
    source.mappings = [.init(name: Self.mapping, key: .field, value: outcomeStructure.type)]
    source.views = transport == .inline ? packings.map(\.view) : []
    source.functions = openings.indices.compactMap(openingFunction).map { .init(body: $0) }
    if isDivided {
      source.structures += [claimName, claimState]
      source.mappings += [
        .init(name: Self.claims, key: .field, value: claimState.type),
        .init(name: Self.links, key: .field, value: .field),
      ]
    }
    source.functions += callFunctions
    return source
  }

  /// The functions that together verify the proofs and record what they say, in the order of their calls.
  var callFunctions: [ProgramSource.Function] {
    isDivided ? parts.indices.map(partFunction) + [conclusion, expiry] : [verification]
  }

  // MARK: - What is recorded

  private var digestType: PlaintextType { .array(of: .byte, count: 32) }

  /// Members of the recorded struct that hold values: a name, a type, and the values.
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
  var outcomeStructure: ProgramSource.Structure {
    .init(
      name: "outcome",
      members: [("model", digestType), ("settings", digestType)]
        + outcomeMembers.map { ($0.name, $0.type) })
  }

  /// Members of the recorded struct.
  var outcomeMemberCount: Int { 2 + outcomeMembers.count }

  /// Records the outcome.
  ///
  /// - Parameters:
  ///   - operand: the operand of a value.
  ///   - integers: the integers of hashed values, by value.
  func record(
    _ operand: (Int) -> InstructionBlock.Operand, integers: [Int: InstructionBlock.Operand],
    _ block: inout InstructionBlock
  ) {
    var members = [modelDigest, settingsDigest].map { digest in
      block.cast(digest.map { "\($0)u8" }, into: digestType)
    }
    for member in outcomeMembers {
      members.append(
        integers[member.values[0]] ?? block.cast(member.values.map(operand), into: member.type))
    }
    let outcome = block.cast(members, into: outcomeStructure.type)
    let key = block.poseidon(outcome, raw: false)
    block.set(outcome, in: Self.mapping, at: key)
  }

  // MARK: - Verification in one call

  /// Takes values, integers and proofs, verifies the proofs, and records the outcome.
  private var verification: ProgramSource.Function {
    let types =
      [.array(of: .field, count: givenCount)] + words.map(\.type)
      + groups.indices.flatMap(proofTypes)
    var body = InstructionBlock(.function, Self.function)
    body.finalize(of: name, types.map { body.input($0, "public") })
    var block = InstructionBlock(.finalize, Self.function)
    let arguments = types.map { block.input($0, "public") }
    let hashed = values.indices.filter { values[$0] != .given }
    let integers = Dictionary(
      uniqueKeysWithValues: zip(hashed, arguments[1...].prefix(hashed.count)))
    var sources: [InstructionBlock.Operand] = []
    var given = 0
    for value in values.indices {
      if let list = integers[value] {
        sources.append(block.poseidon(list, raw: true))
      } else {
        sources.append(arguments[0][given])
        given += 1
      }
    }
    verify(groups.indices, Array(arguments.dropFirst(1 + hashed.count)), { sources[$0] }, &block)
    record({ sources[$0] }, integers: integers, &block)
    return .init(body: body, finalize: block)
  }

  /// Verifies the proofs of groups.
  ///
  /// - Parameters:
  ///   - numbers: the groups.
  ///   - arguments: the inputs that carry their proofs, one group's after the other's.
  ///   - operand: the operand of a value.
  func verify(
    _ numbers: Range<Int>, _ arguments: [InstructionBlock.Operand],
    _ operand: (Int) -> InstructionBlock.Operand, _ block: inout InstructionBlock
  ) {
    var rest = arguments[...]
    var keys: [[UInt8]: InstructionBlock.Operand] = [:]
    let keyType = PlaintextType.array(of: .byte, count: VerifyingKey.byteCount)
    for number in numbers {
      for circuit in groups[number] where keys[circuit.key] == nil {
        keys[circuit.key] = block.cast(circuit.key.map { "\($0)u8" }, into: keyType)
      }
      let all = block.cast(
        groups[number].map { keys[$0.key]! },
        into: .array(of: keyType, count: groups[number].count))
      let statement = statement(ofGroup: number, operand, &block)
      let count = proofTypes(ofGroup: number).count
      let proof = unpacked(number, Array(rest.prefix(count)), &block)
      rest = rest.dropFirst(count)
      block.assertEqual(block.verifyBatch(keys: all, inputs: statement, proof: proof), "true")
    }
  }

  /// The bytes of a group's proof.
  private func unpacked(
    _ group: Int, _ arguments: [InstructionBlock.Operand], _ block: inout InstructionBlock
  ) -> InstructionBlock.Operand {
    let packing = packedProof(ofGroup: group)
    switch transport {
    case .bytes: return arguments[0]
    case .inline: return block.call(packing.view, of: nil, arguments)
    case .library:
      return block.call(packing.view, of: UnpackLibrary(proof: packing).name, arguments)
    }
  }

  /// The public inputs of a group: `[[[field; m]; instances]; circuits]`.
  private func statement(
    ofGroup group: Int, _ operand: (Int) -> InstructionBlock.Operand,
    _ block: inout InstructionBlock
  ) -> InstructionBlock.Operand {
    let width = publicCount(ofGroup: group)
    let row = PlaintextType.array(of: .field, count: width)
    let circuits = groups[group].map { circuit in
      let instances = circuit.instances.map { elements in
        let padding = [String](repeating: "0field", count: width - 1 - elements.count)
        return block.cast(["1field"] + elements.map { operand($0).text } + padding, into: row)
      }
      return block.cast(instances, into: .array(of: row, count: instances.count))
    }
    return block.cast(circuits, into: .array(of: circuits[0].type, count: circuits.count))
  }
}

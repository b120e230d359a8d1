import Algebra
import Varuna

extension VerifierProgram {
  /// The program in Aleo instructions.
  public var text: String { source.text }

  /// The program in its parts.
  var source: ProgramSource {
    var source = ProgramSource(name: name, imports: libraries.map(\.name))
    source.structures = [outcomeStructure]
    source.mappings = [.init(name: Self.mapping, key: .field, value: outcomeStructure.type)]
    source.views = transport == .inline ? packings.map(\.view) : []
    if isRegistry {
      source.structures.append(registeredStructure)
      source.mappings += registrationMappings
      source.functions = registrationFunctions
    } else {
      source.structures += openings.indices.compactMap(openingStructure)
      source.functions = openings.indices.compactMap(openingFunction).map { .init(body: $0) }
    }
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

  /// Members of the recorded struct that say which model: its digests, or the name under which a registry has them.
  private var modelMembers: [(name: String, type: PlaintextType)] {
    isRegistry ? [("model", .field)] : [("model", digestType), ("settings", digestType)]
  }

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
    .init(name: "outcome", members: modelMembers + outcomeMembers.map { ($0.name, $0.type) })
  }

  /// Members of the recorded struct.
  var outcomeMemberCount: Int { modelMembers.count + outcomeMembers.count }

  /// Records the outcome.
  ///
  /// - Parameters:
  ///   - model: the name under which a registry has the model.
  ///   - operand: the operand of a value.
  ///   - integers: the integers of hashed values, by value.
  func record(
    _ model: InstructionBlock.Operand?, _ operand: (Int) -> InstructionBlock.Operand,
    integers: [Int: InstructionBlock.Operand], _ block: inout InstructionBlock
  ) {
    var members =
      model.map { [$0] }
      ?? [modelDigest, settingsDigest].map { digest in
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

  /// The key under which the program records a statement's outcome: applications look it up.
  ///
  /// - Parameters:
  ///   - values: all values.
  ///   - integers: for every list of integers its elements.
  public func outcomeKey(values: [Fr], integers: [[UInt64]]) -> Fr {
    let hashed = self.values.indices.filter { self.values[$0] != .given }
    let lists = Dictionary(uniqueKeysWithValues: zip(hashed, zip(integers, words)))
    let digests = [modelDigest, settingsDigest].map { digest in
      PlaintextValue.array(digest.map { .unsigned(UInt64($0), bits: 8) })
    }
    let model = isRegistry ? [PlaintextValue.field(registeredName)] : digests
    var members = zip(modelMembers, model).map { (name: $0.name, value: $1) }
    for member in outcomeMembers {
      let list = lists[member.values[0]].map { elements, words in
        PlaintextValue.array(elements.map { .unsigned($0, bits: words.bits) })
      }
      members.append((member.name, list ?? .array(member.values.map { .field(values[$0]) })))
    }
    return HashPreimage.hash(describing: .structure(members))
  }

  // MARK: - Verification in one call

  /// Takes values, integers and proofs, verifies the proofs, and records the outcome; a registry takes the model's name
  /// before the values.
  private var verification: ProgramSource.Function {
    let head = isRegistry ? 1 : 0
    let types =
      [.array(of: .field, count: head + givenCount)] + words.map(\.type)
      + groups.indices.flatMap(proofTypes)
    var body = InstructionBlock(.function, Self.function)
    body.finalize(of: name, types.map { body.input($0, "public") })
    var block = InstructionBlock(.finalize, Self.function)
    let arguments = types.map { block.input($0, "public") }
    let hashed = values.indices.filter { values[$0] != .given }
    let integers = Dictionary(
      uniqueKeysWithValues: zip(hashed, arguments[1...].prefix(hashed.count)))
    var sources: [InstructionBlock.Operand] = []
    var given = head
    for value in values.indices {
      if let list = integers[value] {
        sources.append(block.poseidon(list, raw: true))
      } else {
        sources.append(arguments[0][given])
        given += 1
      }
    }
    let model = isRegistry ? arguments[0][0] : nil
    let proofs = Array(arguments.dropFirst(1 + hashed.count))
    verify(groups.indices, of: model, proofs, { sources[$0] }, &block)
    record(model, { sources[$0] }, integers: integers, &block)
    return .init(body: body, finalize: block)
  }

  /// Verifies the proofs of groups.
  ///
  /// - Parameters:
  ///   - numbers: the groups.
  ///   - model: the name under which a registry has the model.
  ///   - arguments: the inputs that carry their proofs, one group's after the other's.
  ///   - operand: the operand of a value.
  func verify(
    _ numbers: Range<Int>, of model: InstructionBlock.Operand?,
    _ arguments: [InstructionBlock.Operand], _ operand: (Int) -> InstructionBlock.Operand,
    _ block: inout InstructionBlock
  ) {
    var rest = arguments[...]
    var keys = KeyOperands(self, model, &block)
    for number in numbers {
      let all = keys.operand(groups[number].map(\.key), &block)
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

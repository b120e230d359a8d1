/// A function, its finalize scope or a view in the making: its text, its bytes in a deployment, and what finalize charges.
///
/// Prices are those of snarkVM from consensus V10 on, in units of 1/25 microcredit: a base price and one per byte of
/// the operands' or the result's data.
struct InstructionBlock {
  /// What the block is.
  enum Kind: String { case function, finalize, view }

  /// A register or an element of one.
  struct Operand: Equatable {
    var text: String
    var type: PlaintextType

    /// The element at a place of an array.
    subscript(_ index: Int) -> Operand {
      guard case .array(let element, let count) = type, index < count else {
        preconditionFailure("no element \(index) in \(text)")
      }
      return Operand(text: "\(text)[\(index)u32]", type: element)
    }

    /// A member of a struct.
    func member(_ name: String, _ type: PlaintextType) -> Operand {
      Operand(text: "\(text).\(name)", type: type)
    }
  }

  /// An input or an output of a function.
  struct Port {
    var type: PlaintextType
    var isPrivate: Bool
  }

  /// Units per microcredit.
  static let unitsPerMicrocredit = 25

  let kind: Kind
  let name: String
  private(set) var text: String
  /// What finalize charges for the instructions so far.
  private(set) var units = 0
  /// The part of `units` that verifies proofs.
  private(set) var verificationUnits: [Int] = []
  /// Inputs in their order.
  private(set) var inputs: [Port] = []
  /// Outputs that are no futures.
  private(set) var outputs: [Port] = []
  /// Types of what the function hands to its finalize scope.
  private(set) var finalizeArguments: [PlaintextType] = []
  /// Bits that the function itself hashes.
  private(set) var hashedBits = 0
  /// Bytes of the inputs, of the instructions and of the outputs.
  private var portBytes = 0
  private var instructionBytes = 0
  private var registers = 0

  /// Begins a block.
  init(_ kind: Kind, _ name: String) {
    self.kind = kind
    self.name = name
    text = "\(kind.rawValue) \(name):\n"
  }

  /// Bytes of the block in a deployment, without the variant that says what it is.
  var encodedBytes: Int {
    let counts =
      switch kind {
      case .function: 2 + 4 + 2
      case .finalize: 2 + 2
      case .view: 2 + 2 + 2
      }
    return EncodedSize.identifier(name) + counts + portBytes + instructionBytes
  }

  private mutating func register(_ type: PlaintextType) -> Operand {
    defer { registers += 1 }
    return Operand(text: "r\(registers)", type: type)
  }

  /// Appends an instruction of `bytes` bytes after the code that says which; commands carry one byte more.
  private mutating func line(_ instruction: String, bytes: Int, code: Int = 2) {
    text += "    \(instruction);\n"
    instructionBytes += code + bytes + (kind == .function || code == 0 ? 0 : 1)
  }

  private static func bytes(_ operands: Operand...) -> Int {
    operands.reduce(0) { $0 + EncodedSize.operand($1.text) }
  }

  // MARK: - Inputs and outputs

  /// Declares an input.
  mutating func input(_ type: PlaintextType, _ visibility: String) -> Operand {
    portBytes += EncodedSize.register(registers) + 1 + type.typeBytes
    let operand = register(type)
    text += "    input \(operand.text) as \(type.text).\(visibility);\n"
    inputs.append(Port(type: type, isPrivate: visibility == "private"))
    return operand
  }

  /// Declares an output.
  mutating func output(_ operand: Operand, _ visibility: String) {
    portBytes += EncodedSize.operand(operand.text) + 1 + operand.type.typeBytes
    text += "    output \(operand.text) as \(operand.type.text).\(visibility);\n"
    outputs.append(Port(type: operand.type, isPrivate: visibility == "private"))
  }

  /// Hands operands to the finalize scope of the function.
  mutating func finalize(of program: String, _ operands: [Operand]) {
    let bytes =
      EncodedSize.identifier(name) + EncodedSize.count(operands.count)
      + operands.reduce(0) { $0 + EncodedSize.operand($1.text) }
      + EncodedSize.register(registers)
    let future = register(.field)
    let words = ["async", name] + operands.map(\.text) + ["into", future.text]
    line(words.joined(separator: " "), bytes: bytes)
    text += "    output \(future.text) as \(program)/\(name).future;\n"
    portBytes +=
      EncodedSize.operand(future.text) + 1 + EncodedSize.programID(program)
      + EncodedSize.identifier(name)
    finalizeArguments = operands.map(\.type)
  }

  // MARK: - Instructions

  /// Puts values together to an array or a struct; values are operands' or literals' texts.
  mutating func cast(_ values: [String], into type: PlaintextType) -> Operand {
    let bytes =
      EncodedSize.count(values.count)
      + values.reduce(0) { $0 + EncodedSize.operand($1) }
      + EncodedSize.register(registers) + 1 + type.typeBytes
    let result = register(type)
    line("cast \(values.joined(separator: " ")) into \(result.text) as \(type.text)", bytes: bytes)
    units += 500 + 30 * type.dataBytes
    return result
  }

  /// Puts operands together to an array or a struct.
  mutating func cast(_ operands: [Operand], into type: PlaintextType) -> Operand {
    cast(operands.map(\.text), into: type)
  }

  /// Aleo's Poseidon at rate 8, over the raw bits or the self-describing form of a value.
  mutating func poseidon(_ operand: Operand, raw: Bool) -> Operand {
    hashedBits += 8 * operand.type.dataBytes
    return hash(raw ? "psd8.raw" : "psd8", operand, price: 40_000 + 75 * operand.type.dataBytes)
  }

  /// Keccak-256 over the self-describing form of a value, as a field element: a third of Poseidon's price in finalize.
  mutating func keccak(_ operand: Operand) -> Operand {
    hash("keccak256", operand, price: 10_000 + 30 * operand.type.dataBytes)
  }

  private mutating func hash(_ function: String, _ operand: Operand, price: Int) -> Operand {
    let bytes =
      Self.bytes(operand) + EncodedSize.register(registers) + PlaintextType.field.typeBytes
    let result = register(.field)
    line("hash.\(function) \(operand.text) into \(result.text) as field", bytes: bytes)
    units += price
    return result
  }

  /// The bits of a value, least significant first.
  mutating func bits(of value: Operand, count: Int) -> Operand {
    let type = PlaintextType.array(of: .boolean, count: count)
    let bytes =
      Self.bytes(value) + value.type.typeBytes + EncodedSize.register(registers)
      + EncodedSize.array(type)
    let result = register(type)
    line(
      "serialize.bits.raw \(value.text) (\(value.type.text)) into \(result.text) (\(type.text))",
      bytes: bytes)
    units += 500 + 30 * count
    return result
  }

  /// The value that has these bits.
  mutating func value(ofBits bits: Operand, as type: PlaintextType) -> Operand {
    let bytes =
      Self.bytes(bits) + EncodedSize.array(bits.type) + EncodedSize.register(registers)
      + type.typeBytes
    let result = register(type)
    line(
      "deserialize.bits.raw \(bits.text) (\(bits.type.text)) into \(result.text) (\(type.text))",
      bytes: bytes)
    units += 500 + 30 * bits.type.dataBytes
    return result
  }

  /// Calls a view: of this program, or of an imported one. Finalize charges what the view's instructions cost.
  mutating func call(_ view: InstructionBlock, of program: String?, _ operands: [Operand])
    -> Operand
  {
    let type = view.outputs[0].type
    let bytes =
      1 + (program.map(EncodedSize.programID) ?? 0) + EncodedSize.identifier(view.name) + 1
      + operands.reduce(0) { $0 + EncodedSize.operand($1.text) } + 1
      + EncodedSize.register(registers)
    let result = register(type)
    let target = (program.map { $0 + "/" } ?? "") + view.name
    let words = ["call", target] + operands.map(\.text) + ["into", result.text]
    line(words.joined(separator: " "), bytes: bytes)
    units += view.units
    return result
  }

  /// Verifies a batch proof under Varuna V3; the result is a boolean.
  mutating func verifyBatch(keys: Operand, inputs: Operand, proof: Operand) -> Operand {
    let size =
      Self.bytes(keys, inputs, proof) + EncodedSize.operand("3u8")
      + EncodedSize.register(registers)
    let result = register(.boolean)
    line(
      "snark.verify.batch \(keys.text) 3u8 \(inputs.text) \(proof.text) into \(result.text)",
      bytes: size)
    let bytes = keys.type.dataBytes + 1 + inputs.type.dataBytes + proof.type.dataBytes
    let price = 100_000 + 50 * bytes
    units += price
    verificationUnits.append(price)
    return result
  }

  /// An instruction of two operands, such as `add` or `or`; they are operands' or literals' texts.
  mutating func binary(
    _ operation: String, _ first: String, _ second: String, _ type: PlaintextType
  ) -> Operand {
    let bytes =
      EncodedSize.operand(first) + EncodedSize.operand(second) + EncodedSize.register(registers)
    let result = register(type)
    line("\(operation) \(first) \(second) into \(result.text)", bytes: bytes)
    units += 500
    return result
  }

  /// Aborts unless two values are equal; the second may be a literal.
  mutating func assertEqual(_ operand: Operand, _ other: String) {
    line(
      "assert.eq \(operand.text) \(other)",
      bytes: EncodedSize.operand(operand.text) + EncodedSize.operand(other))
    units += 500
  }

  // MARK: - Mappings

  /// Writes an entry of a mapping.
  mutating func set(_ value: Operand, in mapping: String, at key: Operand) {
    line(
      "set \(value.text) into \(mapping)[\(key.text)]",
      bytes: 1 + EncodedSize.identifier(mapping) + Self.bytes(key, value), code: 0)
    units += 10_000 + 100 * (value.type.dataBytes + key.type.dataBytes)
  }

  /// Reads an entry of a mapping; without one it is `fallback`, or the call is rejected where there is none.
  mutating func get(
    _ type: PlaintextType, from mapping: String, at key: Operand, or fallback: Operand? = nil
  ) -> Operand {
    let bytes =
      2 + EncodedSize.identifier(mapping) + Self.bytes(key) + EncodedSize.register(registers)
      + (fallback.map { EncodedSize.operand($0.text) } ?? 0)
    let result = register(type)
    let entry = "\(mapping)[\(key.text)]"
    let source = fallback.map { "get.or_use \(entry) \($0.text)" } ?? "get \(entry)"
    line("\(source) into \(result.text)", bytes: bytes, code: 0)
    units += 1_500 + 10 * key.type.dataBytes
    return result
  }

  /// Removes an entry of a mapping; where there is none, nothing happens.
  mutating func remove(from mapping: String, at key: Operand) {
    line(
      "remove \(mapping)[\(key.text)]",
      bytes: 1 + EncodedSize.identifier(mapping) + Self.bytes(key), code: 0)
    units += 10_000
  }
}

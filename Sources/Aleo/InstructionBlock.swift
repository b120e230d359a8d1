/// A function or its finalize scope in the making: its text, and what finalize charges for it.
///
/// Prices are those of snarkVM from consensus V10 on, in units of 1/25 microcredit: a base price and one per byte of
/// the operands' or the result's data.
struct InstructionBlock {
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
  }

  /// Units per microcredit.
  static let unitsPerMicrocredit = 25

  private(set) var text: String
  /// What finalize charges for the instructions so far.
  private(set) var units = 0
  /// The part of `units` that verifies proofs.
  private(set) var verificationUnits: [Int] = []
  private var registers = 0

  /// Begins with a heading such as `function verify`.
  init(_ heading: String) { text = heading + ":\n" }

  private mutating func register(_ type: PlaintextType) -> Operand {
    defer { registers += 1 }
    return Operand(text: "r\(registers)", type: type)
  }

  private mutating func line(_ instruction: String) { text += "    \(instruction);\n" }

  /// Declares an input.
  mutating func input(_ type: PlaintextType, _ visibility: String) -> Operand {
    let operand = register(type)
    line("input \(operand.text) as \(type.text).\(visibility)")
    return operand
  }

  /// Declares an output.
  mutating func output(_ operand: Operand, as type: String) {
    line("output \(operand.text) as \(type)")
  }

  /// Puts values together to an array or a struct; values are operands' or literals' texts.
  mutating func cast(_ values: [String], into type: PlaintextType) -> Operand {
    let result = register(type)
    line("cast \(values.joined(separator: " ")) into \(result.text) as \(type.text)")
    units += 500 + 30 * type.dataBytes
    return result
  }

  /// Puts operands together to an array or a struct.
  mutating func cast(_ operands: [Operand], into type: PlaintextType) -> Operand {
    cast(operands.map(\.text), into: type)
  }

  /// Aleo's Poseidon at rate 8, over the raw bits or the self-describing form of a value.
  mutating func poseidon(_ operand: Operand, raw: Bool) -> Operand {
    let result = register(.field)
    line("hash.psd8\(raw ? ".raw" : "") \(operand.text) into \(result.text) as field")
    units += 40_000 + 75 * operand.type.dataBytes
    return result
  }

  /// The bits of a field element, least significant first. Not used in finalize.
  mutating func bits(of field: Operand) -> Operand {
    let result = register(.array(of: .boolean, count: 253))
    line(
      "serialize.bits.raw \(field.text) (field) into \(result.text) (\(result.type.text))")
    return result
  }

  /// Verifies a batch proof under Varuna V3; the result is a boolean.
  mutating func verifyBatch(keys: Operand, inputs: Operand, proof: Operand) -> Operand {
    let result = register(.boolean)
    line("snark.verify.batch \(keys.text) 3u8 \(inputs.text) \(proof.text) into \(result.text)")
    let bytes = keys.type.dataBytes + 1 + inputs.type.dataBytes + proof.type.dataBytes
    let price = 100_000 + 50 * bytes
    units += price
    verificationUnits.append(price)
    return result
  }

  /// Aborts unless a value is a literal.
  mutating func assertEqual(_ operand: Operand, _ literal: String) {
    line("assert.eq \(operand.text) \(literal)")
    units += 500
  }

  /// Writes an entry of a mapping.
  mutating func set(_ value: Operand, in mapping: String, at key: Operand) {
    line("set \(value.text) into \(mapping)[\(key.text)]")
    units += 10_000 + 100 * (value.type.dataBytes + key.type.dataBytes)
  }

  /// Hands operands to the finalize scope of a function.
  mutating func finalize(_ function: String, of program: String, _ operands: [Operand]) {
    let future = register(.field)
    line("async \(function) \(operands.map(\.text).joined(separator: " ")) into \(future.text)")
    output(future, as: "\(program)/\(function).future")
  }
}

import Algebra
import Varuna

/// One program for all models of a shape.
///
/// What a program of one model has as literals, its keys and digests, a *registry* has from a call of `register`, which
/// anybody may make, under the hash of all of it. The program computes the hash itself, so an entry is what its name says:
/// nobody takes or changes another's name, and whoever registers other keys for a model's digest gets another name.
/// Everything else is the shape and in the program's text: circuits and instances of every proof, public inputs and what
/// joins them, and how the outcome is recorded. A model of one key is registered by one call; of several, each key first,
/// and the model under the hash of digests and keys' names.
extension VerifierProgram {
  /// The mapping of registered models.
  public static let models = "models"
  /// The function that registers a model.
  public static let register = "register"
  /// The mapping of keys, where models have several.
  static let registeredKeys = "keys"
  /// The function that registers a key.
  static let registerKey = "register_key"

  private static let word = PlaintextType.unsigned(bits: 128)
  private static let digestWords = PlaintextType.array(of: word, count: 2)
  /// A key as a batch of one circuit takes it.
  private static let key = PlaintextType.array(
    of: .array(of: .byte, count: VerifyingKey.byteCount), count: 1)

  /// What is known of a model: digests of the ONNX file and the settings, and its key or the names of its keys.
  var registeredStructure: ProgramSource.Structure {
    .init(
      name: "registered",
      members: [
        ("model", Self.digestWords), ("settings", Self.digestWords),
        ("keys", keys.count == 1 ? Self.key : .array(of: .field, count: keys.count)),
      ])
  }

  var registrationMappings: [ProgramSource.Mapping] {
    let models = ProgramSource.Mapping(
      name: Self.models, key: .field, value: registeredStructure.type)
    return keys.count == 1
      ? [models] : [models, .init(name: Self.registeredKeys, key: .field, value: Self.key)]
  }

  /// The functions that enter a model, in the order of their calls.
  var registrationFunctions: [ProgramSource.Function] {
    let model = registration(
      Self.register, registeredStructure.members.map(\.type), in: Self.models
    ) { arguments, block in block.cast(arguments, into: registeredStructure.type) }
    guard keys.count > 1 else { return [model] }
    return [
      registration(Self.registerKey, [Self.key], in: Self.registeredKeys) { arguments, _ in
        arguments[0]
      }, model,
    ]
  }

  /// A function that stores its inputs in a mapping under their hash.
  private func registration(
    _ function: String, _ types: [PlaintextType], in mapping: String,
    _ entry: ([InstructionBlock.Operand], inout InstructionBlock) -> InstructionBlock.Operand
  ) -> ProgramSource.Function {
    var body = InstructionBlock(.function, function)
    body.finalize(of: name, types.map { body.input($0, "public") })
    var block = InstructionBlock(.finalize, function)
    let entry = entry(types.map { block.input($0, "public") }, &block)
    block.set(entry, in: mapping, at: block.poseidon(entry, raw: true))
    return .init(body: body, finalize: block)
  }

  /// The keys that a scope verifies with: literals, or what is registered under the model's name.
  struct KeyOperands {
    private let places: [[UInt8]: Int]
    private let names: InstructionBlock.Operand?
    private var known: [[UInt8]: InstructionBlock.Operand] = [:]

    /// - Parameter model: the model's name; a call that brings one that is not registered is rejected.
    init(
      _ program: VerifierProgram, _ model: InstructionBlock.Operand?,
      _ block: inout InstructionBlock
    ) {
      places = Dictionary(uniqueKeysWithValues: program.keys.enumerated().map { ($1, $0) })
      let registered = program.registeredStructure
      names = model.map {
        block.get(registered.type, from: VerifierProgram.models, at: $0)
          .member("keys", registered.members[2].type)
      }
    }

    /// The keys of a batch as `snark.verify.batch` takes them.
    mutating func operand(
      _ keys: [[UInt8]], _ block: inout InstructionBlock
    ) -> InstructionBlock.Operand {
      let element = PlaintextType.array(of: .byte, count: VerifyingKey.byteCount)
      let operands = keys.map { key in
        if let operand = known[key] { return operand }
        let operand = one(key, element, &block)
        known[key] = operand
        return operand
      }
      // A registered key is an array of one already.
      if names != nil, operands.count == 1 { return operands[0] }
      return block.cast(
        names == nil ? operands : operands.map { $0[0] },
        into: .array(of: element, count: operands.count))
    }

    private func one(
      _ key: [UInt8], _ element: PlaintextType, _ block: inout InstructionBlock
    ) -> InstructionBlock.Operand {
      guard let names else { return block.cast(key.map { "\($0)u8" }, into: element) }
      if places.count == 1 { return names }
      return block.get(
        VerifierProgram.key, from: VerifierProgram.registeredKeys,
        at: names[places[key]!])
    }
  }

  // MARK: - The model's own registration

  /// The name of a key: the hash of its bytes.
  private static func keyName(_ key: [UInt8]) -> Fr {
    var preimage = HashPreimage()
    preimage.append(key)
    return preimage.hash
  }

  /// The name under which a registry has the model: the hash of both digests and of its key, or of the names of its keys.
  ///
  /// It rests on nothing but model, settings and plan: whoever relies on an outcome compares it.
  public var registeredName: Fr {
    var preimage = HashPreimage()
    preimage.append(modelDigest)
    preimage.append(settingsDigest)
    if keys.count == 1 {
      preimage.append(keys[0])
    } else {
      for key in keys { preimage.append(Self.keyName(key)) }
    }
    return preimage.hash
  }

  /// The calls that register the model, in an order in which they can be made; none in a program of its own.
  public var registrationCalls: [VerifierCall] {
    guard isRegistry else { return [] }
    func key(_ key: [UInt8]) -> String { Self.array([Self.array(key.map { "\($0)u8" })]) }
    func words(_ digest: [UInt8]) -> String {
      Self.array(
        stride(from: 0, to: 32, by: 16).map { start in
          let word = digest[start..<start + 16].reversed().reduce(UInt128(0)) {
            $0 << 8 | UInt128($1)
          }
          return "\(word)u128"
        })
    }
    let digests = [modelDigest, settingsDigest].map(words)
    guard keys.count > 1 else { return [call(Self.register, digests + [key(keys[0])])] }
    let names = Self.array(keys.map { "\(Self.keyName($0).decimal)field" })
    return keys.map { call(Self.registerKey, [key($0)]) }
      + [call(Self.register, digests + [names])]
  }

  // MARK: - The program's name

  static let registryStem = "varuna_models_"

  /// The same shape as a program of all models that have it.
  ///
  /// - Parameter name: the program's name; nil for one that its text decides, so that it is deployed once for everybody.
  func registry(named name: String?) throws(AleoError) -> VerifierProgram {
    var program = self
    program.isRegistry = true
    program.name = try ProgramName.checked(
      name ?? Self.registryStem + String(repeating: "0", count: 16))
    return program
  }

  /// The same under a name; under its own for nil.
  func named(_ name: String?) throws(AleoError) -> VerifierProgram {
    var program = self
    if let name { program.name = try ProgramName.checked(name) }
    return program
  }

  /// The name that says what the text of a registry is: 64 bits of the text's digest, under zeros instead.
  var namedByText: VerifierProgram {
    var program = self
    program.name = Self.registryStem + SHA256.hex(text.utf8).prefix(16) + ".aleo"
    return program
  }
}

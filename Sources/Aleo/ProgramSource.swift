/// A program in its parts: what makes its text, and what a deployment of it costs.
struct ProgramSource {
  /// A struct with its members.
  struct Structure {
    var name: String
    var members: [(name: String, type: PlaintextType)]

    /// The struct as a type.
    var type: PlaintextType { .structure(name: name, members: members.map(\.type)) }

    fileprivate var text: String {
      "struct \(name):\n" + members.map { "    \($0.name) as \($0.type.text);\n" }.joined()
    }

    fileprivate var encodedBytes: Int {
      EncodedSize.identifier(name) + 2
        + members.reduce(0) { $0 + EncodedSize.identifier($1.name) + $1.type.typeBytes }
    }
  }

  /// A mapping.
  struct Mapping {
    var name: String
    var key: PlaintextType
    var value: PlaintextType

    fileprivate var text: String {
      "mapping \(name):\n    key as \(key.text).public;\n    value as \(value.text).public;\n"
    }

    fileprivate var encodedBytes: Int {
      EncodedSize.identifier(name) + key.typeBytes + value.typeBytes
    }
  }

  /// A function with its finalize scope.
  struct Function {
    var body: InstructionBlock
    var finalize: InstructionBlock?

    fileprivate var encodedBytes: Int {
      body.encodedBytes + 1 + (finalize?.encodedBytes ?? 0)
    }
  }

  /// The name with `.aleo`.
  var name: String
  /// Programs whose views or functions it calls.
  var imports: [String] = []
  var structures: [Structure] = []
  var mappings: [Mapping] = []
  var views: [InstructionBlock] = []
  var functions: [Function] = []

  /// The constructor of every program here: no edition but the first, so a program stays what it is.
  private static let constructorText = "constructor:\n    assert.eq edition 0u16;\n"
  private static let constructorBytes =
    2 + 3 + EncodedSize.operand("edition") + EncodedSize.operand("0u16")

  /// The program in Aleo instructions.
  var text: String {
    let head = imports.map { "import \($0);\n" }.joined()
    var parts = (head.isEmpty ? [] : [head]) + ["program \(name);\n"]
    parts += structures.map(\.text) + mappings.map(\.text) + views.map(\.text)
    parts += functions.flatMap { [$0.body.text] + ($0.finalize.map { [$0.text] } ?? []) }
    return (parts + [Self.constructorText]).joined(separator: "\n")
  }

  /// Bytes of the program as a deployment carries it.
  var encodedBytes: Int {
    let components =
      structures.map(\.encodedBytes) + mappings.map(\.encodedBytes) + views.map(\.encodedBytes)
      + functions.map(\.encodedBytes) + [Self.constructorBytes]
    return 1 + EncodedSize.programID(name) + 1
      + imports.reduce(0) { $0 + EncodedSize.programID($1) } + 2
      + components.reduce(0) { $0 + 1 + $1 }
  }

  /// What deploying the program costs.
  var deployment: DeploymentCost {
    let sizes = functions.map { FunctionSize($0.body) }
    let bytes =
      encodedBytes + DeploymentCost.envelopeBytes
      + functions.reduce(0) { $0 + EncodedSize.identifier($1.body.name) + DeploymentCost.keyBytes }
    return DeploymentCost(
      bytes: bytes, characters: name.utf8.count - ".aleo".utf8.count,
      synthesis: sizes.reduce(0) { $0 + $1.constraints + $1.variables })
  }
}

/// What deploying a program costs, in microcredits.
public struct DeploymentCost: Codable, Equatable, Sendable {
  /// Bytes that storage is charged for: the program, and a key with its certificate for each function.
  public var bytes: Int
  /// For those bytes, 1,000 each.
  public var storage: Int
  /// For the constraints and variables of the functions' circuits, 1 each; predicted.
  public var synthesis: Int
  /// For running the constructor.
  public var constructor: Int
  /// For the name: 1 credit, ten times as much for every character below ten.
  public var namespace: Int
  /// All of it.
  public var total: Int

  /// A deployment's version, edition, numbers, checksum and owner.
  static let envelopeBytes = 70
  /// A function's verifying key (682) and certificate (49).
  static let keyBytes = 731

  init(bytes: Int, characters: Int, synthesis: Int) {
    self.bytes = bytes
    storage = 1_000 * bytes
    self.synthesis = synthesis
    constructor = 2_000
    namespace = (0..<max(0, 10 - characters)).reduce(1_000_000) { cost, _ in 10 * cost }
    total = storage + synthesis + constructor + namespace
  }
}

/// How large a function's circuit is: what a caller's machine proves, and what a deployment's synthesis is charged for.
///
/// A circuit checks the request's signature, takes the bits of every input, and hashes each input by itself and all
/// arguments of the future together. The counts were fitted to those of snarkVM 4.12: they are within 5 %.
struct FunctionSize {
  var constraints: Int
  var variables: Int

  /// A function that does nothing: signature, request and one permutation for each hash.
  private static let base = 10_737
  /// A permutation of Poseidon at rate 8.
  private static let permutation = 526
  /// Encrypting and hashing a private value of up to six field elements.
  private static let encryption = 810

  init(_ function: InstructionBlock) {
    constraints = Self.base
    for port in function.inputs {
      constraints += Self.bitConstraints(port.type)
      constraints +=
        Self.permutation * (Self.permutations(elements: port.type.preimageElements + 2) - 1)
    }
    constraints += Self.permutation * max(0, function.inputs.count - 1)
    for port in function.inputs + function.outputs where port.isPrivate {
      let more = Self.permutations(elements: port.type.preimageElements + 2) - 1
      constraints += Self.encryption + 2 * Self.permutation * more
    }
    // What is handed on without being an input: the callers.
    constraints += 517 * max(0, function.finalizeArguments.count - function.inputs.count)
    let arguments = function.finalizeArguments.reduce(0) { $0 + $1.preimageElements }
    constraints += Self.permutation * max(0, Self.permutations(elements: arguments + 2) - 1)
    if function.hashedBits > 0 {
      constraints += Self.permutation * Self.permutations(elements: function.hashedBits / 252 + 1)
    }
    let elements = function.inputs.reduce(0) { $0 + $1.type.elementCount }
    variables = constraints + 4_160 + 40 * elements
  }

  private static func permutations(elements: Int) -> Int { (elements + 7) / 8 }

  /// Constraints that make the bits of a value.
  private static func bitConstraints(_ type: PlaintextType) -> Int {
    switch type {
    case .boolean: 1
    case .field, .address: 507
    case .unsigned(let bits): bits
    case .array(let element, let count): count * bitConstraints(element)
    case .structure(_, let members): members.reduce(0) { $0 + bitConstraints($1) }
    }
  }
}

extension PlaintextType {
  /// Field elements of the self-describing form of a value, 252 bits each.
  fileprivate var preimageElements: Int { (describedBits + 252) / 252 }

  /// Bits of that form: a literal is variant (2), type (8), size (16) and data; an array is variant, length (32) and for
  /// every element its size (16) and the element.
  private var describedBits: Int {
    switch self {
    case .boolean: 26 + 1
    case .field, .address: 26 + 253
    case .unsigned(let bits): 26 + bits
    case .array(let element, let count): 34 + count * (16 + element.describedBits)
    case .structure(_, let members): 10 + members.reduce(0) { $0 + 16 + $1.describedBits }
    }
  }
}

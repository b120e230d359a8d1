import Algebra
import Varuna

/// A Leo package on a verifier: the model's inputs and outputs by name, and an application that relies on a recorded outcome.
///
/// `src/model.leo` is the interface: which model, how numbers are stored, the commitment to an input. `src/main.leo` is a pool
/// that lends to whom the model's first output is high enough for, a start for an application of one's own.
public struct LeoPackage: Sendable {
  /// An input or an output of the model.
  public struct Tensor: Sendable {
    /// What the model calls it.
    public var name: String
    /// Dimensions, row-major.
    public var shape: [Int]
    /// A number is a stored element plus offset, divided by this power of two.
    public var scale: Double
    /// The number that is stored as 0, times scale; of each piece.
    public var offsets: [Int64]

    /// Collects the fields.
    public init(name: String, shape: [Int], scale: Double, offsets: [Int64]) {
      (self.name, self.shape, self.scale, self.offsets) = (name, shape, scale, offsets)
    }
  }

  let program: VerifierProgram
  let model: String
  /// What the committed weights of the model are.
  let parameters: [Fr]
  let inputs: [Tensor]
  let outputs: [Tensor]

  /// Collects the fields.
  ///
  /// - Parameters:
  ///   - program: the verifier.
  ///   - model: what the model is called.
  ///   - parameters: the values of the program's `parameters`.
  ///   - inputs: the model's inputs, of one piece each.
  ///   - outputs: its outputs; their first piece has to be recorded as integers.
  /// - Throws: `AleoError.unusable` where the outcome does not record the first output, or an input does not fit one array.
  public init(
    program: VerifierProgram, model: String, parameters: [Fr], inputs: [Tensor], outputs: [Tensor]
  ) throws(AleoError) {
    guard let first = program.outputs.first, case .hashed = program.values[first],
      !outputs.isEmpty
    else {
      throw .unusable("the application reads the first output, which has to be public and small")
    }
    for tensor in inputs + outputs {
      guard tensor.scale >= 1, tensor.scale <= 0x1p62, tensor.scale.rounded() == tensor.scale
      else { throw .unusable("'\(tensor.name)' has a scale that is no whole number") }
    }
    guard inputs.count == program.openings.count,
      program.openings.indices.allSatisfy({ program.openingArrays($0)?.count == 1 })
    else { throw .unusable("an input of the model does not fit one array") }
    self.program = program
    self.model = model
    self.parameters = parameters
    self.inputs = inputs
    self.outputs = outputs
  }

  /// The application's program, without `.aleo`.
  public var name: String { "lending_pool_\(Hexadecimal.encode(program.modelDigest.prefix(4)))" }

  /// Every file of the package, by its path in it.
  public var files: [(path: String, text: String)] {
    let programs = [(program.name, program.text)] + program.libraries.map { ($0.name, $0.text) }
    return [
      ("program.json", manifest(programs.map(\.0))), ("src/model.leo", interface),
      ("src/main.leo", application), ("tests/test_pool.leo", tests),
    ] + programs.map { ("imports/\($0.0)", $0.1) }
  }

  private func manifest(_ programs: [String]) -> String {
    let dependencies = programs.map { name in
      """
          {
            "name": "\(name)",
            "location": "local",
            "path": "imports/\(name)",
            "edition": null
          }
      """
    }
    return """
      {
        "program": "\(name).aleo",
        "version": "0.1.0",
        "description": "Lends to whom a proven model scores high enough",
        "license": "Apache-2.0",
        "leo": "4.4.6",
        "dependencies": [
      \(dependencies.joined(separator: ",\n"))
        ],
        "dev_dependencies": null
      }

      """
  }

  // MARK: - The interface

  /// Names of tensors as Leo takes them, each once: `input_x`, `output_y`.
  static func identifiers(_ tensors: [Tensor], prefix: String) -> [String] {
    var taken: Set<String> = []
    return tensors.enumerated().map { number, tensor in
      let stem = String(
        decoding: tensor.name.lowercased().utf8.map {
          (97...122).contains($0) || (48...57).contains($0) ? $0 : UInt8(ascii: "_")
        }, as: UTF8.self
      ).replacing("aleo", with: "a_eo").prefix(12)
      let name = "\(prefix)_\(stem)"
      return taken.insert(name).inserted ? name : "\(prefix)_\(number)"
    }
  }

  var inputNames: [String] { Self.identifiers(inputs, prefix: "input") }
  var outputNames: [String] { Self.identifiers(outputs, prefix: "output") }

  /// A line about a tensor; names are outside data.
  private func about(_ kind: String, _ tensor: Tensor) -> String {
    let name = tensor.name.unicodeScalars.filter { $0.isASCII && $0.value >= 32 && $0.value < 127 }
    let shape = tensor.shape.map(String.init).joined(separator: ", ")
    return "// \(kind) '\(String(String.UnicodeScalarView(name)).prefix(60))', shape [\(shape)]"
  }

  private var interface: String {
    let title = model.unicodeScalars.filter { $0.isASCII && $0.value >= 32 && $0.value < 127 }
    var text = """
      // What '\(String(String.UnicodeScalarView(title)).prefix(60))' takes and gives, as \(program.name) verifies it.
      //
      // Numbers are whole: a real number times the scale of its tensor. They are stored unsigned: the number minus an offset.


      """
    text += identity
    for (number, tensor) in inputs.enumerated() { text += input(number, tensor) }
    var piece = 0
    for (number, tensor) in outputs.enumerated() {
      text += output(number, tensor, firstPiece: piece)
      piece += tensor.offsets.count
    }
    return text
  }

  /// The members of an outcome that say which model it is of, each with its type and the constant that it has to equal.
  var identityMembers: [(member: String, type: String, constant: String)] {
    let names =
      program.isRegistry
      ? [("model", "field", "MODEL")]
      : [("model", "[u8; 32]", "MODEL"), ("settings", "[u8; 32]", "SETTINGS")]
    return parameters.isEmpty
      ? names : names + [("parameters", "[field; \(parameters.count)]", "WEIGHTS")]
  }

  /// Which model an outcome has to be of.
  private var identity: String {
    var text = ""
    if program.isRegistry {
      text += """
        // The name under which the model is registered: the hash of its keys, its file's and its settings' digests.
        export const MODEL: field = \(program.registeredName.decimal)field;

        """
    } else {
      text += "// Digests of the model's file and of its settings.\n"
      for (name, digest) in [("MODEL", program.modelDigest), ("SETTINGS", program.settingsDigest)] {
        let bytes = digest.map { "\($0)u8" }.joined(separator: ", ")
        text += "export const \(name): [u8; 32] = [\(bytes)];\n"
      }
    }
    if !parameters.isEmpty {
      let values = parameters.map { "\($0.decimal)field" }.joined(separator: ", ")
      text += "// The commitments to its weights, which are not in the keys.\n"
      text += "export const WEIGHTS: [field; \(parameters.count)] = [\(values)];\n"
    }
    let ports = identityMembers.map { "\($0.member): \($0.type)" }.joined(separator: ", ")
    let conditions = identityMembers.map { "\($0.member) == \($0.constant)" }
    return text + """

      // Whether an outcome with these members is of this model. Anybody may record outcomes of others.
      export fn is_of_model(\(ports)) -> bool {
          return \(conditions.joined(separator: " && "));
      }


      """
  }

  private func input(_ number: Int, _ tensor: Tensor) -> String {
    let (opening, name) = (program.openings[number], inputNames[number])
    let (element, list) = (
      "u\(opening.words.bits)", "[u\(opening.words.bits); \(opening.words.count)]"
    )
    var text = """
      \(about("Input", tensor)): \(opening.words.count) elements, stored as \(element).
      \(scale(of: tensor, name))
      // Stored as the proof has it; fails for a number that the circuit does not take.
      export fn store_\(name)(number: i128) -> \(element) {
          return (number - \(tensor.offsets[0])i128) as \(element);
      }


      """
    guard opening.isSalted else {
      return text + """
        // The commitment that an outcome records for these elements.
        export fn commit_\(name)(elements: \(list)) -> field {
            return Poseidon8::hash_to_field_raw(elements);
        }


        """
    }
    text += """
      export struct Salted_\(name) {
          salt: [bool; 252],
          elements: \(list),
      }

      // The commitment that an outcome records for these elements under this salt, which is below 2^252.
      export fn commit_\(name)(elements: \(list), salt: field) -> field {
          let bits: [bool; 253] = Serialize::to_bits_raw(salt);
          assert(!bits[252u32]);
          let low: [bool; 252] = [false; 252];
          for i: u32 in 0u32..252u32 {
              low[i] = bits[i];
          }
          return Poseidon8::hash_to_field_raw(Salted_\(name) { salt: low, elements: elements });
      }


      """
    return text
  }

  private func output(_ number: Int, _ tensor: Tensor, firstPiece: Int) -> String {
    let name = outputNames[number]
    var text = """
      \(about("Output", tensor)).
      \(scale(of: tensor, name))

      """
    for (piece, offset) in tensor.offsets.enumerated() {
      guard case .hashed(let words) = program.values[program.outputs[firstPiece + piece]] else {
        continue
      }
      let suffix = tensor.offsets.count == 1 ? "" : "_\(piece)"
      text += """
        // The number that an element of 'output_\(firstPiece + piece)' of an outcome stands for.
        export fn read_\(name)\(suffix)(stored: u\(words.bits)) -> i128 {
            return (stored as i128) + (\(offset)i128);
        }


        """
    }
    return text
  }

  /// Numbers of a tensor from and to millionths, to the nearest.
  private func scale(of tensor: Tensor, _ name: String) -> String {
    let scale = Int64(tensor.scale)
    return """
      export const SCALE_\(name.uppercased()): i128 = \(scale)i128;

      export fn nearest_\(name)(millionths: i128) -> i128 {
          let twice: i128 = 2i128 * millionths * \(scale)i128;
          return twice < 0i128 ? (twice - 1000000i128) / 2000000i128 : (twice + 1000000i128) / 2000000i128;
      }

      export fn millionths_\(name)(number: i128) -> i128 {
          let twice: i128 = 2000000i128 * number;
          return twice < 0i128 ? (twice - \(scale)i128) / \(2 * Int128(scale))i128 : (twice + \(scale)i128) / \(2 * Int128(scale))i128;
      }

      """
  }
}

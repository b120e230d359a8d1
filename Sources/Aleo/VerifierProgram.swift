import Varuna

/// An Aleo program that verifies a model's proofs on chain and records what they say.
///
/// The verifying keys are literals of its finalize scope, so a caller cannot bring others; a *registry* has them from
/// registrations instead, and serves all models of a shape. Public inputs that must be equal are one value: the program
/// builds every statement from the values, and a link cannot be broken because its two ends are the same register.
public struct VerifierProgram: Sendable {
  /// A list of unsigned integers, `[uW; count]`.
  public struct Words: Codable, Equatable, Sendable {
    /// How many.
    public var count: Int
    /// 8, 16, 32 or 64.
    public var bits: Int

    /// Collects the fields.
    public init(count: Int, bits: Int) {
      (self.count, self.bits) = (count, bits)
    }

    /// Whether an Aleo array can hold them.
    public var fitsArray: Bool {
      [8, 16, 32, 64].contains(bits) && (1...AleoLimits.arrayElements).contains(count)
    }

    var type: PlaintextType { .array(of: .unsigned(bits: bits), count: count) }
  }

  /// A field element that public inputs hold.
  public enum Value: Equatable, Sendable {
    /// The caller passes it.
    case given
    /// The caller passes integers, and the program hashes them.
    case hashed(Words)
  }

  /// A circuit of a group.
  public struct Circuit: Equatable, Sendable {
    /// Its verifying key, 673 bytes.
    public var key: [UInt8]
    /// Public inputs of an instance, padded to a power of two.
    public var publicCount: Int
    /// For every instance its public inputs after the leading 1, as indices of values.
    public var instances: [[Int]]

    /// Collects the fields.
    public init(key: [UInt8], publicCount: Int, instances: [[Int]]) {
      (self.key, self.publicCount, self.instances) = (key, publicCount, instances)
    }
  }

  /// How an application commits to an input of the model.
  public struct Opening: Equatable, Sendable {
    /// The packed elements.
    public var words: Words
    /// Whether a random element leads the preimage.
    public var isSalted: Bool

    /// Collects the fields.
    public init(words: Words, isSalted: Bool) {
      (self.words, self.isSalted) = (words, isSalted)
    }
  }

  /// The name with `.aleo`.
  public internal(set) var name: String
  /// SHA-256 of the ONNX file.
  public let modelDigest: [UInt8]
  /// SHA-256 of the quantisation settings.
  public let settingsDigest: [UInt8]
  /// The distinct values of all public inputs but the leading ones.
  public let values: [Value]
  /// The circuits of every proof, in the proof's order.
  public let groups: [[Circuit]]
  /// The values that commit to the model's inputs.
  public let inputs: [Int]
  /// The values that commit to the model's outputs.
  public let outputs: [Int]
  /// The values that commit to the model's weights; none where they are in the keys.
  public let parameters: [Int]
  /// How to commit to each of `inputs`.
  public let openings: [Opening]
  /// How the proofs travel.
  public var transport = ProofTransport.bytes
  /// Whether keys and digests come from a registration, so that the program serves all models of its shape.
  public internal(set) var isRegistry = false
  /// The groups that each call verifies, in order; one call verifies all of them and records the outcome.
  public var parts: [Range<Int>]
  /// Blocks after a claim's first part in which its other parts and its conclusion are taken.
  public var lifetime = VerifierProgram.standardLifetime

  /// About a day of blocks of three seconds.
  public static let standardLifetime = 28_800

  /// The function that takes the proofs.
  public static let function = "verify"
  /// The mapping of what was proven.
  public static let mapping = "outcomes"

  /// Whether a program takes and records the integers of a model's public outputs, given as these pieces; if not, it
  /// records their commitments.
  public static func records(_ pieces: [Words]) -> Bool {
    pieces.count <= 4 && pieces.allSatisfy(\.fitsArray)
      && pieces.reduce(0) { $0 + $1.count } <= 256
  }

  /// Collects the fields.
  ///
  /// - Throws: `AleoError` for a name that cannot be a program's, or a group that is not rectangular.
  public init(
    name: String, modelDigest: [UInt8], settingsDigest: [UInt8], values: [Value],
    groups: [[Circuit]], inputs: [Int], outputs: [Int], parameters: [Int] = [], openings: [Opening]
  ) throws(AleoError) {
    precondition(modelDigest.count == 32 && settingsDigest.count == 32)
    precondition(inputs.count == openings.count)
    for (number, circuits) in groups.enumerated() {
      let counts = circuits.map(\.instances.count)
      guard Set(counts).count == 1 else {
        throw .notRectangular(group: number, instances: counts)
      }
    }
    guard inputs.contains(where: { values[$0] == .given }) else {
      throw .unusable("the proof binds no input of the model")
    }
    self.name = try ProgramName.checked(name)
    self.modelDigest = modelDigest
    self.settingsDigest = settingsDigest
    self.values = values
    self.groups = groups
    self.inputs = inputs
    self.outputs = outputs
    self.parameters = parameters
    self.openings = openings
    parts = [groups.indices]
  }

  /// Bytes of a group's proof.
  func proofBytes(ofGroup group: Int) -> Int {
    Proof.size(
      circuits: groups[group].count, instances: groups[group].reduce(0) { $0 + $1.instances.count })
  }

  /// Bytes of every group's proof.
  public var proofByteCounts: [Int] { groups.indices.map(proofBytes) }

  /// Elements of each instance in a group's operand: those of its widest circuit.
  func publicCount(ofGroup group: Int) -> Int {
    groups[group].map(\.publicCount).max() ?? 1
  }

  /// Number of values that the caller passes as field elements.
  var givenCount: Int { values.count { $0 == .given } }

  /// The lists of integers that the caller passes.
  var words: [Words] {
    values.compactMap { if case .hashed(let words) = $0 { words } else { nil } }
  }

  /// How a group's proof is packed.
  func packedProof(ofGroup group: Int) -> PackedProof {
    PackedProof(circuits: groups[group].count, instances: groups[group][0].instances.count)
  }

  /// Types of the inputs that carry a group's proof.
  func proofTypes(ofGroup group: Int) -> [PlaintextType] {
    switch transport {
    case .bytes: [.array(of: .byte, count: proofBytes(ofGroup: group))]
    case .inline, .library: packedProof(ofGroup: group).types
    }
  }

  /// Whether the proofs come in several calls.
  var isDivided: Bool { parts.count > 1 }

  /// The distinct keys, in order of first use.
  var keys: [[UInt8]] {
    var known: Set<[UInt8]> = []
    return groups.joined().map(\.key).filter { known.insert($0).inserted }
  }

  /// The libraries that the program imports.
  public var libraries: [UnpackLibrary] {
    transport == .library ? packings.map(UnpackLibrary.init(proof:)) : []
  }

  /// The distinct packings of the program's proofs.
  var packings: [PackedProof] {
    groups.indices.map(packedProof).reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}

/// How proofs travel to a program.
public enum ProofTransport: String, Codable, Sendable, CaseIterable {
  /// Byte by byte, as `snark.verify.batch` takes them.
  case bytes
  /// Packed; the program unpacks them.
  case inline
  /// Packed; programs that are deployed once for everybody unpack them.
  case library
}

/// Names of Aleo programs.
public enum ProgramName {
  /// The name with `.aleo`, whether it was given with or without.
  public static func checked(_ name: String) throws(AleoError) -> String {
    let stem = name.hasSuffix(".aleo") ? String(name.dropLast(5)) : name
    guard let first = stem.utf8.first, (97...122).contains(first),
      stem.utf8.allSatisfy(isNameCharacter)
    else {
      throw .badName(name, reason: "names are lower-case letters, digits and '_' after a letter")
    }
    guard stem.utf8.count <= AleoLimits.nameCharacters else {
      throw .badName(name, reason: "it is longer than \(AleoLimits.nameCharacters) characters")
    }
    guard !stem.contains("aleo") else { throw .badName(name, reason: "it contains 'aleo'") }
    return stem + ".aleo"
  }

  /// A name for a model's verifier: the model's own as far as it goes, and the first digits of its digest.
  ///
  /// It has more than nine characters: for shorter names Aleo charges a premium.
  public static func suggested(model: String, digest: String) -> String {
    let own = model.hasSuffix(".onnx") ? String(model.dropLast(5)) : model
    let stem = String(
      decoding: own.lowercased().utf8.map { isNameCharacter($0) ? $0 : UInt8(ascii: "_") },
      as: UTF8.self
    ).replacing("aleo", with: "a_eo")
    return "m_\(stem.prefix(20))_\(digest.prefix(8)).aleo"
  }

  /// What registries' names look like that are named by their text.
  public static let ofSomeRegistry = VerifierProgram.registryStem + "*.aleo"

  private static func isNameCharacter(_ byte: UInt8) -> Bool {
    (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "_")
  }
}

import Varuna

/// How a proof travels in a call when it is packed: its bytes as u128, sixteen to one.
///
/// A byte of a proof takes twelve bytes of an execution by itself and less than three as a sixteenth of a u128, and storage
/// is priced by their square. Arrays end at 2,048 elements, so bits are made of sixteen u128 at a time: an array of rows
/// of sixteen, and a last row that may be shorter. What circuits and instances say already, the proof's version and
/// the numbers at its head, is not sent.
struct PackedProof: Equatable, Sendable {
  /// Circuits of the proof.
  let circuits: Int
  /// Instances of each.
  let instances: Int

  /// Elements of a row.
  static let rowCount = 16

  /// The proof's first bytes: its version, and how many circuits and instances there are.
  var head: [UInt8] {
    [1] + Self.littleEndian(circuits)
      + (0..<circuits).flatMap { _ in Self.littleEndian(instances) }
  }

  /// Bytes of the proof.
  var byteCount: Int { Proof.size(circuits: circuits, instances: circuits * instances) }

  private var wordCount: Int { (byteCount - head.count + 15) / 16 }
  private var fullRows: Int { (wordCount - 1) / Self.rowCount }
  private var lastRow: Int { wordCount - fullRows * Self.rowCount }

  private static let word = PlaintextType.unsigned(bits: 128)

  /// The two inputs that carry the proof: all rows but the last, and the last.
  var types: [PlaintextType] {
    [
      .array(of: .array(of: Self.word, count: Self.rowCount), count: fullRows),
      .array(of: Self.word, count: lastRow),
    ]
  }

  /// The proof as the two inputs; missing bytes of the last word are zeros.
  func literals(_ proof: [UInt8]) -> [String] {
    precondition(proof.count == byteCount && proof.starts(with: head))
    var words: [String] = []
    for start in stride(from: head.count, to: proof.count, by: 16) {
      let bytes = proof[start..<min(start + 16, proof.count)]
      words.append("\(bytes.reversed().reduce(UInt128(0)) { $0 << 8 | UInt128($1) })u128")
    }
    func array(_ elements: [String]) -> String { "[" + elements.joined(separator: ", ") + "]" }
    let rows = (0..<fullRows).map { row in
      array(Array(words[row * Self.rowCount..<(row + 1) * Self.rowCount]))
    }
    return [array(rows), array(Array(words[(fullRows * Self.rowCount)...]))]
  }

  /// Name of the view that unpacks such proofs.
  var viewName: String { "unpack_\(circuits)x\(instances)" }

  /// The view that makes the proof's bytes of the two inputs.
  var view: InstructionBlock {
    var block = InstructionBlock(.view, viewName)
    let rows = block.input(types[0], "public")
    let last = block.input(types[1], "public")
    var bytes: [String] = head.map { "\($0)u8" }
    for row in (0..<fullRows).map({ rows[$0] }) + [last] {
      guard case .array(_, let count) = row.type else { continue }
      let bits = block.bits(of: row, count: 128 * count)
      let unpacked = block.value(ofBits: bits, as: .array(of: .byte, count: 16 * count))
      bytes += (0..<16 * count).map { unpacked[$0].text }
    }
    let proof = block.cast(
      Array(bytes.prefix(byteCount)), into: .array(of: .byte, count: byteCount))
    block.output(proof, "public")
    return block
  }

  private static func littleEndian(_ number: Int) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
  }
}

/// Programs that unpack proofs, each deployed once for everybody: one for every number of circuits and of instances.
///
/// A proof fits an array with 1 circuit of up to 8 instances, 2 of up to 3, or 3 of 1, so there are twelve, and never more.
/// Nobody has to trust them: what they return is verified by the program that called them, so a wrong one
/// rejects right proofs and accepts no wrong one.
public struct UnpackLibrary: Sendable {
  let proof: PackedProof

  init(proof: PackedProof) { self.proof = proof }

  /// The library for proofs of `circuits` circuits with `instances` instances each.
  public init(circuits: Int, instances: Int) {
    proof = PackedProof(circuits: circuits, instances: instances)
  }

  /// All that there can be.
  public static var all: [UnpackLibrary] {
    (1...AleoLimits.circuits).flatMap { circuits in
      (0..<AleoLimits.instances(ofEachOf: circuits)).map {
        UnpackLibrary(circuits: circuits, instances: $0 + 1)
      }
    }
  }

  /// The program's name.
  public var name: String { "varuna_\(proof.viewName).aleo" }

  /// The program in Aleo instructions.
  public var text: String { source.text }

  /// What deploying it costs.
  public var cost: CallCost.Library {
    CallCost.Library(program: name, totalMicrocredits: source.deployment.total)
  }

  private var source: ProgramSource {
    var source = ProgramSource(name: name)
    source.views = [proof.view]
    // A program needs a function.
    var about = InstructionBlock(.function, "about")
    about.output(about.input(.boolean, "public"), "public")
    source.functions = [.init(body: about, finalize: nil)]
    return source
  }
}

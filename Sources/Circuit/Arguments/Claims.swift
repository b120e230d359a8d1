import Algebra

/// A variable that an operation has made for one of its results without constraining it: a check at the challenge will.
struct Claim {
  let variable: UInt32
  let tensor: TensorID
  let element: Int
  /// The constant term of the result, which a check of products leaves out.
  let bias: Int64
}

/// What the circuit learns of claims while it is emitted: the bits that turn out to determine each of them.
///
/// Who decomposes a claim, or a multiple of it, makes it a field element that bits determine; an integer it becomes only by bits
/// that add up to the claim itself. Both are kept, as checks differ in what they need.
struct Claims {
  private struct Knowledge {
    var element: BitElement?
    var integer: BitInteger?
  }

  private var known: [UInt32: Knowledge] = [:]

  /// Adds a claim; what is learnt of other variables is not kept.
  mutating func watch(_ variable: UInt32) {
    known[variable] = Knowledge()
  }

  /// Takes note of an equation; the one with the fewest bits counts.
  mutating func learn(_ binding: BitBinding) {
    guard !known.isEmpty, var knowledge = known[binding.element.variable] else { return }
    func isBetter(_ run: BitRun, than other: BitRun?) -> Bool {
      run.bits.count <= BoundaryEncoding.pieceBits && run.bits.count < other?.bits.count ?? .max
    }
    if isBetter(binding.element.run, than: knowledge.element?.run) {
      knowledge.element = binding.element
    }
    if let integer = binding.integer, isBetter(integer.run, than: knowledge.integer?.run) {
      knowledge.integer = integer
    }
    known[binding.element.variable] = knowledge
  }

  /// The claim as a field element that bits determine, if any do.
  func element(_ claim: Claim) -> BitElement? { known[claim.variable]?.element }

  /// The claim as an integer, if any bits make it one.
  func integer(_ claim: Claim) -> BitInteger? { known[claim.variable]?.integer }
}

import Algebra

/// A value that the challenge depends on: bits that determine it have been hashed, so that nobody can choose it, or change it,
/// once the challenge is known. Only a transcript makes one.
struct Fixed<Value> {
  let value: Value

  fileprivate init(_ value: Value) { self.value = value }
}

/// A variable equal to the hash of all that checks are about.
struct Challenge {
  let variable: UInt32

  fileprivate init(_ variable: UInt32) { self.variable = variable }
}

/// Collects what a challenge must depend on; making the challenge ends it, so that nothing is fixed too late.
///
/// Hashing a *sum* of several shifted values fixes them only if each is known to be short whatever the prover does; else
/// other values with the same sum could be chosen once the challenge is known. So only bits are taken, which are proven to be
/// bits.
struct Transcript: ~Copyable {
  /// Numbers that bits make, each below 2^width.
  private var numbers: [(combination: LinearCombination, width: Int)] = []
  /// For each end of a run of bits that is fixed, where the longest such run begins.
  private var starts: [UInt32: UInt32] = [:]

  /// Takes note of bits of an element of an input tensor: the commitment of the tensor, which is hashed, fixes them.
  mutating func recognise(committed run: BitRun) {
    starts[run.bits.upperBound] = min(run.bits.lowerBound, starts[run.bits.upperBound] ?? .max)
  }

  /// Fixes an integer.
  mutating func fix(_ integer: BitInteger) -> Fixed<BitInteger> {
    absorb(integer.run, integer.number)
    return Fixed(integer)
  }

  /// Fixes a field element.
  mutating func fix(_ element: BitElement) -> Fixed<BitElement> {
    absorb(element.run, element.number)
    return Fixed(element)
  }

  /// Adds bits, unless they are the last ones of a run that has been added already, as those of a rounded claim are.
  private mutating func absorb(_ run: BitRun, _ number: LinearCombination) {
    precondition(run.bits.count <= BoundaryEncoding.pieceBits)
    if run.bits.isEmpty { return }
    if let start = starts[run.bits.upperBound], start <= run.bits.lowerBound { return }
    starts[run.bits.upperBound] = run.bits.lowerBound
    numbers.append((number, run.bits.count))
  }

  /// The hash of the commitments of all inputs and of all that has been fixed.
  consuming func challenge(
    _ builder: ConstraintBuilder, commitments: [LinearCombination]
  ) -> Challenge {
    var elements = commitments + pieces()
    // Without inputs and claims that could be otherwise there is nothing to depend on.
    if elements.isEmpty { elements = [LinearCombination(constant: .one)] }
    let hash = builder.poseidonHash(elements)
    return Challenge(builder.materialise(hash, value: builder.value(hash)))
  }

  /// All numbers, several to a field element: each piece is below 2^252 and the only sum of its numbers.
  private func pieces() -> [LinearCombination] {
    var pieces = [[LinearCombination.Term]]()
    var filled = BoundaryEncoding.pieceBits
    for (number, width) in numbers {
      if filled + width > BoundaryEncoding.pieceBits {
        pieces.append([])
        filled = 0
      }
      let factor = SmallScalars.powerOfTwo(filled)
      for term in number.terms {
        pieces[pieces.count - 1].append(.init(term.variable, term.coefficient * factor))
      }
      filled += width
    }
    return pieces.map { LinearCombination(merging: $0) }
  }
}

/// Where an operation stands, as far as its cost depends on it.
struct OperationSite {
  /// The operands.
  let inputs: [IntegerTensor]
  /// Number of output elements.
  let count: Int
  /// Bits of an element of the first input in two's complement.
  let bits: Int
  /// Constraints that it takes to make these bits: none where they are there already.
  let inputBits: Int
  /// Whether the first input has just been made of bits, which are used again.
  let bitsAreKnown: Bool
  /// Bits of a result.
  let resultBits: Int
  /// Whether the first input is made of constants.
  let isTable: Bool

  init(
    inputs: [IntegerTensor], output: IntegerTensor, bitsAreKnown: Bool, isTable: Bool
  ) {
    self.inputs = inputs
    self.bitsAreKnown = bitsAreKnown
    self.isTable = isTable
    count = output.count
    bits = inputs[0].range.signedBitCount
    inputBits = bitsAreKnown ? 0 : bits + 1
    resultBits = output.range.unsignedBitCount
  }
}

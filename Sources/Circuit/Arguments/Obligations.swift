import Algebra

/// What operations have claimed and left to be checked at the challenge.
struct Obligations {
  /// left * right = results, as matrices. The factors are determined by inputs and by claims of earlier operations.
  struct Product {
    var operation: Int
    var left: [[LinearCombination]]
    var right: [[LinearCombination]]
    var results: [[Claim]]
  }

  /// Blocks of a linear map whose positions share the elements that they read, as those of a convolution do.
  struct Convolution {
    var operation: Int
    var blocks: [MatrixBlock]
    var sums: TranslatedSums
    /// The input elements, by column of the map; determined by inputs and by claims of earlier operations.
    var sources: [LinearCombination]
    /// For each block the claimed results, by channel and position.
    var results: [[[Claim]]]
  }

  /// Pairs of argument and value that a table must contain.
  struct Lookups {
    var operation: Int
    var table: FunctionTable
    var pairs: [(argument: BitInteger, value: Claim)] = []
    /// Arguments, where values are kept.
    var arguments: [Int64] = []
  }

  var products: [Product] = []
  var convolutions: [Convolution] = []
  var lookups: [Lookups] = []

  /// Adds lookups; operations that read the same table share its entries.
  mutating func look(up pairs: Lookups) {
    if let place = lookups.firstIndex(where: { $0.table == pairs.table }) {
      lookups[place].pairs += pairs.pairs
      lookups[place].arguments += pairs.arguments
    } else {
      lookups.append(pairs)
    }
  }
}

/// A claimed result of a product that the challenge depends on. A field element suffices: products are compared in the field,
/// where the right result is an integer, and two field elements that are equal are so as integers too.
struct FixedResult {
  let element: Fixed<BitElement>
  let bias: Int64

  /// The result without its constant term.
  var combination: LinearCombination {
    var combination = LinearCombination(element.value.variable)
    if bias != 0 { combination.add(constant: -SmallScalars.scalar(bias)) }
    return combination
  }
}

extension ChunkCircuit {
  /// A variable for an element that will be checked at the challenge.
  mutating func claim(_ tensor: TensorID, _ element: Int, bias: Int64 = 0) -> Claim {
    let variable = builder.variable(SmallScalars.scalar(values?[tensor][element] ?? 0))
    builder.claims.watch(variable)
    return Claim(variable: variable, tensor: tensor, element: element, bias: bias)
  }

  /// Fixes claims of products, as the field elements that they are.
  func fix(_ claims: [[Claim]], in transcript: inout Transcript) -> [[FixedResult]] {
    var results: [[FixedResult]] = []
    for row in claims {
      var fixed: [FixedResult] = []
      for claim in row {
        var element = builder.claims.element(claim)
        if element == nil {
          _ = makeBits(of: claim)
          element = builder.claims.element(claim)
        }
        fixed.append(FixedResult(element: transcript.fix(element!), bias: claim.bias))
      }
      results.append(fixed)
    }
    return results
  }

  /// The claim as an integer made of bits of its own, whatever others have made of its multiples.
  func integer(_ claim: Claim) -> BitInteger {
    builder.claims.integer(claim) ?? makeBits(of: claim)
  }

  private func makeBits(of claim: Claim) -> BitInteger {
    builder.enter(element: claim.element)
    let range = range(claim.tensor)
    return builder.integer(
      LinearCombination(claim.variable),
      plan: BitPlan(possible: range, enforced: range, signed: false),
      value: value(claim.tensor, claim.element).map { Int128($0) })
  }
}

import Algebra

/// What operations have claimed and left to be checked at the challenge.
struct Obligations {
  /// left * right = results, as matrices of combinations.
  struct Product {
    var operation: Int
    var left: [[LinearCombination]]
    var right: [[LinearCombination]]
    var results: [[LinearCombination]]
  }

  /// Pairs of argument and value that a table must contain.
  struct Lookups {
    var operation: Int
    var table: FunctionTable
    var pairs: [(argument: LinearCombination, value: LinearCombination)] = []
    /// Arguments, where values are kept.
    var arguments: [Int64] = []
  }

  /// A variable without constraints of its own, and the element it stands for.
  struct Claim {
    var variable: UInt32
    var tensor: TensorID
    var element: Int
  }

  var products: [Product] = []
  var convolutions: [Convolution] = []
  var lookups: [Lookups] = []
  var claims: [Claim] = []

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

extension ChunkCircuit {
  /// A variable for an element that will be checked at the challenge.
  mutating func claim(_ tensor: TensorID, _ element: Int) -> LinearCombination {
    let variable = builder.variable(SmallScalars.scalar(values?[tensor][element] ?? 0))
    builder.bindings.watch(variable)
    obligations.claims.append(.init(variable: variable, tensor: tensor, element: element))
    return LinearCombination(variable)
  }

  /// Binds all claims, hashes them with the commitments of the inputs, and checks them at the hash.
  ///
  /// What the checks are about is then fixed before the challenge: inputs by their commitments, claims by their bits, all
  /// else because constraints determine it from these. `docs/soundness.md` has the proofs.
  mutating func emitArguments() {
    let part = partCounts.count
    for claim in obligations.claims where builder.bindings.number(of: claim.variable) == nil {
      builder.enter(element: claim.element)
      let range = range(claim.tensor)
      _ = builder.decompose(
        LinearCombination(claim.variable),
        plan: BitPlan(possible: range, enforced: range, signed: false),
        value: value(claim.tensor, claim.element).map { Int128($0) })
    }
    let multiplicities = obligations.lookups.map { countEntries($0) }
    builder.enter(operation: part)
    let commitments = program.graph.inputs.indices.map { LinearCombination(UInt32(1 + $0)) }
    let hash = builder.poseidonHash(commitments + builder.bindings.pieces())
    let challenge = builder.materialise(hash, value: builder.value(hash))
    var point = ChallengePoint(builder, at: challenge)
    for product in obligations.products {
      builder.enter(operation: program.graph.inputs.count + product.operation)
      check(product, &point)
    }
    for convolution in obligations.convolutions {
      builder.enter(operation: program.graph.inputs.count + convolution.operation)
      check(convolution, &point)
    }
    for (lookups, counts) in zip(obligations.lookups, multiplicities) {
      builder.enter(operation: program.graph.inputs.count + lookups.operation)
      check(lookups, counts, at: challenge)
    }
  }

  /// Freivalds: sum_l (sum_a s^a left[a][l]) (sum_p c^p right[l][p]) = sum_(a,p) s^a c^p results[a][p], with s = c^positions.
  ///
  /// Every result has a power of c of its own, so that a wrong one leaves a polynomial of degree below their number.
  private func check(_ product: Obligations.Product, _ point: inout ChallengePoint) {
    let (channels, positions) = (product.results.count, product.results[0].count)
    let step = channels > 1 ? point.power(positions) : point.point
    var sum = point.evaluate(Array(product.results.joined()), at: point.point)
    for (inner, right) in product.right.enumerated() {
      let a = point.evaluate(product.left.map { $0[inner] }, at: step)
      let b = point.evaluate(right, at: point.point)
      sum.add(builder.product(a, b), times: -.one)
    }
    builder.enter(.identity)
    builder.enforceZero(sum)
  }

  // MARK: Lookups

  /// How often each entry of a table is looked up, as numbers made of bits.
  private func countEntries(_ lookups: Obligations.Lookups) -> [LinearCombination] {
    var counts = [Int](repeating: 0, count: lookups.table.values.count)
    for argument in lookups.arguments { counts[Int(argument - lookups.table.lowest)] += 1 }
    let plan = BitPlan(width: Int.bitWidth - lookups.pairs.count.leadingZeroBitCount)
    let isKnown = values != nil
    return counts.map { count in
      let run = builder.integer(plan: plan, value: isKnown ? Int128(count) : nil)
      builder.bindings.add(run)
      return Wire(run).combination
    }
  }

  /// LogUp: the sum of 1 / (c + key) over lookups equals that of multiplicity / (c + key) over entries.
  ///
  /// The key of a pair is (argument - lowest) + 2^w value, which is different for different pairs of integers, as the
  /// argument has w bits.
  private func check(
    _ lookups: Obligations.Lookups, _ multiplicities: [LinearCombination], at challenge: UInt32
  ) {
    let table = lookups.table
    let width = Int.bitWidth - (table.values.count - 1).leadingZeroBitCount
    func denominator(
      _ argument: LinearCombination, _ value: LinearCombination
    ) -> LinearCombination {
      var sum = LinearCombination(challenge)
      sum.add(argument, times: .one)
      sum.add(constant: -SmallScalars.scalar(table.lowest))
      sum.add(value, times: SmallScalars.powerOfTwo(width))
      return sum
    }
    func share(_ count: LinearCombination, _ denominator: LinearCombination) -> UInt32 {
      let share = builder.variable(
        builder.value(count) * (builder.value(denominator).inverse() ?? .zero))
      builder.enforceProduct(LinearCombination(share), denominator, count)
      return share
    }
    builder.enter(.lookup)
    var terms = [LinearCombination.Term]()
    for pair in lookups.pairs {
      let one = LinearCombination(constant: .one)
      terms.append(.init(share(one, denominator(pair.argument, pair.value)), .one))
    }
    for (place, count) in multiplicities.enumerated() {
      let argument = SmallScalars.scalar(table.lowest &+ Int64(place))
      let value = SmallScalars.scalar(table.values[place])
      let entry = denominator(
        LinearCombination(constant: argument), LinearCombination(constant: value))
      terms.append(.init(share(count, entry), -.one))
    }
    builder.enter(.identity)
    builder.enforceZero(LinearCombination(merging: terms))
  }
}

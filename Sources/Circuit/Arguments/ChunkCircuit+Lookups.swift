import Algebra

/// Lookups in one table, and how often each of its entries is read, as values that the challenge depends on.
struct FixedLookups {
  let table: FunctionTable
  let pairs: [(argument: Fixed<BitInteger>, value: Fixed<BitInteger>)]
  /// One number per entry of the table; that the challenge depends on it is all that is asked of it.
  let multiplicities: [Fixed<BitInteger>]
  let key: LookupKey
}

/// How a pair of integers becomes one number: (argument - lowest) + 2^width value, where argument - lowest has `width` bits for
/// every argument that is looked up or stands in the table, whatever a prover does.
///
/// So different pairs have different numbers. These are below 2^202, as an argument has at most 65 bits and a value, before it is
/// rounded, at most 131: different numbers are different modulo r.
struct LookupKey {
  let lowest: Int128
  let width: Int

  /// The key for these arguments and those of a table.
  init(_ arguments: [BitInteger], _ table: FunctionTable) {
    let first = Int128(table.lowest)
    var (lowest, highest) = (first, first + Int128(table.values.count) - 1)
    for run in arguments.map(\.run) {
      lowest = min(lowest, run.offset)
      highest = max(highest, run.highest)
    }
    self.lowest = lowest
    width = Int128.bitWidth - (highest - lowest).leadingZeroBitCount
  }

  /// The number of a pair of integers.
  func of(_ argument: BitInteger, _ value: BitInteger) -> LinearCombination {
    precondition(width <= 66 && value.run.bits.count <= 132, "keys of lookups wrap around")
    return of(argument.combination, value.combination)
  }

  /// The number of an entry of a table.
  func of(entry place: Int, of table: FunctionTable) -> LinearCombination {
    of(
      LinearCombination(constant: SmallScalars.scalar(table.lowest &+ Int64(place))),
      LinearCombination(constant: SmallScalars.scalar(table.values[place])))
  }

  private func of(_ argument: LinearCombination, _ value: LinearCombination) -> LinearCombination {
    var sum = argument
    sum.add(constant: -SmallScalars.scalar(wide: lowest))
    sum.add(value, times: SmallScalars.powerOfTwo(width))
    return sum
  }
}

extension ChunkCircuit {
  /// Fixes arguments, values and multiplicities.
  func fix(_ lookups: Obligations.Lookups, in transcript: inout Transcript) -> FixedLookups {
    var pairs: [(argument: Fixed<BitInteger>, value: Fixed<BitInteger>)] = []
    for pair in lookups.pairs {
      let value = transcript.fix(integer(pair.value))
      pairs.append((transcript.fix(pair.argument), value))
    }
    var counts = [Int](repeating: 0, count: lookups.table.values.count)
    for argument in lookups.arguments where lookups.table.domain!.contains(argument) {
      counts[Int(argument - lookups.table.lowest)] += 1
    }
    let plan = BitPlan(width: Int.bitWidth - lookups.pairs.count.leadingZeroBitCount)
    let isKnown = values != nil
    var multiplicities: [Fixed<BitInteger>] = []
    for count in counts {
      let run = builder.integer(plan: plan, value: isKnown ? Int128(count) : nil)
      multiplicities.append(transcript.fix(BitInteger(run)))
    }
    return FixedLookups(
      table: lookups.table, pairs: pairs, multiplicities: multiplicities,
      key: LookupKey(lookups.pairs.map(\.argument), lookups.table))
  }

  /// LogUp: the sum of 1 / (c + key) over lookups equals that of multiplicity / (c + key) over entries.
  func check(_ lookups: FixedLookups, at challenge: Challenge) {
    func share(_ count: LinearCombination, of key: LinearCombination) -> UInt32 {
      let denominator = LinearCombination(challenge.variable) + key
      let share = builder.variable(
        builder.value(count) * (builder.value(denominator).inverse() ?? .zero))
      builder.enforceProduct(LinearCombination(share), denominator, count)
      return share
    }
    builder.enter(.lookup)
    let one = LinearCombination(constant: .one)
    var terms = lookups.pairs.map { pair in
      let key = lookups.key.of(pair.argument.value, pair.value.value)
      return LinearCombination.Term(share(one, of: key), .one)
    }
    for (place, count) in lookups.multiplicities.enumerated() {
      let key = lookups.key.of(entry: place, of: lookups.table)
      terms.append(.init(share(count.value.combination, of: key), -.one))
    }
    builder.enter(.identity)
    builder.enforceZero(LinearCombination(merging: terms))
  }
}

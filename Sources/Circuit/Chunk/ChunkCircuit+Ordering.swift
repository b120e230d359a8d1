import Algebra

extension ChunkCircuit {
  /// A tournament: the larger of the champion and each next element.
  func emitMaximum(_ windows: [[Int]], _ input: TensorID, _ output: TensorID) -> [Wire] {
    let list = values?[input]
    return elements(output) { index in
      let window = windows[index]
      var champion = wires[input][window[0]]
      var best = list?[window[0]]
      for (place, element) in window.enumerated().dropFirst() {
        let candidate = wires[input][element].combination
        let wins = builder.isNonNegative(
          candidate - champion.combination, range: differences(input, margin: 0),
          value: list.map { Int128($0[element]) - Int128(best ?? 0) })
        best =
          place == window.count - 1
          ? value(output, index) : list.map { max($0[element], best ?? 0) }
        champion = Wire(
          combination: builder.select(
            wins, candidate, else: champion.combination, value: SmallScalars.scalar(best ?? 0)))
      }
      return champion
    }
  }

  /// A claimed maximum m: every m - x is made of bits, so that m is not smaller than any x, and their product is 0, so that
  /// it is one of them. The bits are there for what follows.
  func emitDistance(_ groups: [[Int]], _ input: TensorID, _ output: TensorID) -> [Wire] {
    let plan = BitPlan(width: range(output).unsignedBitCount)
    let list = values?[input]
    var results = [Wire]()
    for group in groups {
      builder.enter(element: results.count)
      let claimed = list.map { list in
        list[group[0]] &+ (value(output, results.count) ?? 0)
      }
      let maximum = LinearCombination(
        builder.variable(SmallScalars.scalar(claimed ?? 0)))
      var product: LinearCombination?
      for (place, element) in group.enumerated() {
        builder.enter(element: results.count)
        let wire = Wire(
          builder.decompose(
            maximum - wires[input][element].combination, plan: plan,
            value: claimed.map { Int128($0) - Int128(list![element]) }))
        results.append(wire)
        builder.enter(.product)
        let known = product ?? LinearCombination(constant: .one)
        if place == group.count - 1 {
          builder.enforceProduct(known, wire.combination, LinearCombination())
        } else {
          product = product == nil ? wire.combination : builder.product(known, wire.combination)
        }
      }
    }
    return results
  }

  /// A tournament that carries the champion's place along.
  func emitArgmax(
    _ groups: [[Int]], last: Bool, _ input: TensorID, _ output: TensorID
  ) -> [Wire] {
    elements(output) { index in
      emitArgmax(groups[index], last: last, input, result: value(output, index))
    }
  }

  private func emitArgmax(
    _ group: [Int], last: Bool, _ input: TensorID, result: Int64?
  ) -> Wire {
    let list = values?[input]
    var champion = wires[input][group[0]].combination
    var place = LinearCombination()
    var (best, bestPlace) = (list?[group[0]], 0)
    for (index, element) in group.enumerated().dropFirst() {
      let candidate = wires[input][element].combination
      // The first of equals wins: a later one has to be larger by 1.
      let margin: Int64 = last ? 0 : 1
      var difference = candidate - champion
      difference.add(constant: SmallScalars.scalar(-margin))
      let distance = list.map { Int128($0[element]) - Int128(best ?? 0) - Int128(margin) }
      let wins = builder.isNonNegative(
        difference, range: differences(input, margin: Int128(margin)), value: distance)
      if let list, let distance, distance >= 0 { (best, bestPlace) = (list[element], index) }
      if index == group.count - 1 {
        bestPlace = Int(result ?? 0)
      } else {
        champion = builder.select(
          wins, candidate, else: champion, value: SmallScalars.scalar(best ?? 0))
      }
      place = builder.select(
        wins, LinearCombination(constant: SmallScalars.scalar(Int64(index))), else: place,
        value: SmallScalars.scalar(Int64(bestPlace)))
    }
    return Wire(combination: place)
  }

  /// What the difference of two elements, less a margin, may be.
  private func differences(_ tensor: TensorID, margin: Int128) -> ClosedRange<Int128> {
    let range = range(tensor)
    let spread = max(1, Int128(range.upperBound) - Int128(range.lowerBound))
    return -spread - margin...spread
  }

  // MARK: Sorting

  /// Places in order: a one-hot row for each says whose turn it is.
  ///
  /// Elements become keys x * n + (n - 1 - place), or with -x, which are all different, larger for what comes first. The
  /// keys that the rows pick fall strictly, so that no element is picked twice, and no element that is left over has a
  /// larger key than the last one picked.
  func emitOrder(
    _ groups: [[Int]], count: Int, descending: Bool, _ input: TensorID, _ output: TensorID
  ) -> [Wire] {
    var results = [Wire]()
    for (index, group) in groups.enumerated() {
      builder.enter(element: index * count)
      let claimed = values?[output][index * count..<(index + 1) * count].map { Int($0) }
      results += emitOrder(group, count: count, descending: descending, input, claimed: claimed)
    }
    return results
  }

  private func emitOrder(
    _ group: [Int], count: Int, descending: Bool, _ input: TensorID, claimed: [Int]?
  ) -> [Wire] {
    let size = Int64(group.count)
    let factor = SmallScalars.scalar(descending ? size : -size)
    let numbers: [Int128]? = values?[input].map { Int128($0) * Int128(descending ? size : -size) }
    let keys = group.enumerated().map { place, element in
      var key = LinearCombination(constant: SmallScalars.scalar(size - 1 - Int64(place)))
      key.add(wires[input][element].combination, times: factor)
      return key
    }
    func number(_ place: Int) -> Int128? {
      guard let numbers else { return nil }
      guard group.indices.contains(place) else { return 0 }
      return numbers[group[place]] + Int128(size) - 1 - Int128(place)
    }
    let range = range(input)
    let spread = (Int128(range.upperBound) - Int128(range.lowerBound) + 1) * Int128(size)
    let width = BitPlan(width: Int128.bitWidth - spread.leadingZeroBitCount)

    var rows = [Range<UInt32>]()
    var picked = [LinearCombination]()
    for turn in 0..<count {
      let row = builder.oneHot(group.count, value: claimed?[turn])
      let key = builder.inner(row, keys)
      if let before = picked.last {
        var gap = before - key
        gap.add(constant: -.one)
        let value = claimed.map { number($0[turn - 1])! - number($0[turn])! - 1 }
        _ = builder.decompose(gap, plan: width, value: value)
      }
      rows.append(row)
      picked.append(key)
    }
    if count < group.count {
      for place in group.indices {
        var isLeft = LinearCombination(constant: .one)
        for row in rows {
          isLeft.add(LinearCombination(row.lowerBound + UInt32(place)), times: -.one)
        }
        let gap = builder.product(isLeft, picked[count - 1] - keys[place])
        let value = claimed.map {
          $0.contains(place) ? 0 : number($0[count - 1])! - number(place)!
        }
        _ = builder.decompose(gap, plan: width, value: value)
      }
    }
    return rows.map { Wire(combination: builder.index(of: $0), oneHot: $0) }
  }
}

extension Graph {
  /// The value of every tensor, in double precision: the reference that quantisation is compared with.
  ///
  /// - Precondition: the inputs fit the graph's inputs in number and element counts.
  func evaluate(_ inputs: [[Double]]) -> [[Double]] {
    precondition(inputs.count == self.inputs.count)
    var results = [[Double]](repeating: [], count: values.count)
    for (value, list) in zip(self.inputs, inputs) {
      precondition(list.count == values[value].count)
      results[value] = list
    }
    for step in steps {
      results[step.output] = step.kind.evaluate(step.inputs.map { results[$0] })
    }
    return results
  }
}

extension Graph.Kind {
  func evaluate(_ inputs: [[Double]]) -> [Double] {
    switch self {
    case .affine(let map):
      return map.apply(to: inputs.count == 1 ? inputs[0] : Array(inputs.joined()))
    case .relu:
      return inputs[0].map { max($0, 0) }
    case .product:
      return zip(inputs[0], inputs[1]).map { $0 * $1 }
    case .matmul(let batch, let m, let k, let n):
      var out = [Double](repeating: 0, count: batch * m * n)
      for matrix in 0..<batch {
        for row in 0..<m {
          for inner in 0..<k {
            let factor = inputs[0][(matrix * m + row) * k + inner]
            for column in 0..<n {
              out[(matrix * m + row) * n + column] +=
                factor * inputs[1][(matrix * k + inner) * n + column]
            }
          }
        }
      }
      return out
    case .maximum(let windows):
      return windows.map { window in window.reduce(-.infinity) { max($0, inputs[0][$1]) } }
    case .argmax(let groups, let last):
      return groups.map { group in
        var best = 0
        for place in group.indices.dropFirst() {
          let (candidate, champion) = (inputs[0][group[place]], inputs[0][group[best]])
          if candidate > champion || (last && candidate == champion) { best = place }
        }
        return Double(best)
      }
    }
  }
}

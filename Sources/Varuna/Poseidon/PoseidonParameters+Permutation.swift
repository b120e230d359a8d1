import Algebra

extension PoseidonParameters {
  /// Applies the permutation to a state of `width` elements.
  public func permute(_ state: inout [F]) {
    precondition(state.count == width)
    let half = Self.fullRounds / 2
    var scratch = state
    for round in 0..<half {
      fullRound(round, matrix: round == half - 1 ? mergedMatrix : mds, &state, &scratch)
    }
    for round in 0..<Self.partialRounds {
      let output = Self.power17(state[0] + partial.constants[round])
      let row = partial.rows[round]
      let column = partial.columns[round]
      var sum = partial.corner * output
      for i in 1..<state.count {
        sum += row[i - 1] * state[i]
        state[i] += column[i - 1] * output
      }
      state[0] = sum
    }
    for i in state.indices { state[i] += partial.after[i] }
    for round in half..<Self.fullRounds {
      fullRound(Self.partialRounds + round, matrix: mds, &state, &scratch)
    }
  }

  private func fullRound(_ round: Int, matrix: [[F]], _ state: inout [F], _ scratch: inout [F]) {
    let constants = roundConstants[round]
    for i in state.indices { scratch[i] = Self.power17(state[i] + constants[i]) }
    for i in state.indices {
      let row = matrix[i]
      var sum = row[0] * scratch[0]
      for j in 1..<row.count { sum += row[j] * scratch[j] }
      state[i] = sum
    }
  }

  /// The S-box: five multiplications.
  @inline(__always)
  static func power17(_ x: F) -> F {
    x.squared().squared().squared().squared() * x
  }

  /// The permutation exactly as the paper states it; an oracle for `permute`.
  package func permuteReference(_ state: inout [F]) {
    let partialRange =
      Self.fullRounds / 2..<Self.fullRounds / 2 + Self.partialRounds
    for (round, constants) in roundConstants.enumerated() {
      var s = zip(state, constants).map { $0 + $1 }
      for i in s.indices where i == 0 || !partialRange.contains(round) {
        s[i] = s[i].pow([17])
      }
      state = mds.map { row in zip(row, s).reduce(F.zero) { $0 + $1.0 * $1.1 } }
    }
  }
}

import Algebra
import Varuna

/// The constant linear algebra of the Poseidon circuit, derived once.
///
/// The variables of a permutation are the *inputs* of the S-boxes. The output of an S-box needs no variable: it is the
/// third side of its last constraint y * x = output, written as a linear combination of later S-box inputs. A full
/// round's outputs are the inverse matrix applied to the next inputs. In the partial rounds elements 1... change
/// linearly, so with the inputs X_1, X_2, ... of the S-box on element 0, output t is a combination of the constant 1,
/// elements 1... at the start, and X_1 ..< X_(t+2).
struct PoseidonTemplate: Sendable {
  /// Inverse of the mixing matrix.
  let inverse: [[Fr]]
  /// Row t: the output of partial round t, over [1, elements 1... before round 0, X_1, ..., X_(t+1)].
  let partialOutputs: [[Fr]]
  /// Elements 1... of the state that enters the S-boxes after the partial rounds, over the same with all X.
  let finalElements: [[Fr]]

  static let rate8 = PoseidonTemplate(PoseidonInstances.rate8)

  init(_ parameters: PoseidonParameters<Fr>) {
    let (width, mds) = (parameters.width, parameters.mds)
    let half = PoseidonParameters<Fr>.fullRounds / 2
    let rounds = PoseidonParameters<Fr>.partialRounds
    inverse = Self.inverse(of: mds)
    let basis = width + rounds
    guard let cornerInverse = mds[0][0].inverse() else {
      preconditionFailure("the corner of Poseidon's matrix is zero")
    }
    // elements[i] is state element i, for i >= 1, over the basis; element 0 is a variable of its own.
    var elements = [[Fr]](repeating: [Fr](repeating: .zero, count: basis), count: width)
    for i in 1..<width { elements[i][i] = .one }
    var outputs = [[Fr]]()
    for round in 0..<rounds {
      // X_(round+1) = m_00 output + sum m_0j element_j + constant, solved for the output.
      let constants = parameters.roundConstants[half + round + 1]
      var output = [Fr](repeating: .zero, count: basis)
      output[width + round] = .one
      output[0] -= constants[0]
      for j in 1..<width { Self.add(elements[j], times: -mds[0][j], to: &output) }
      for k in output.indices { output[k] *= cornerInverse }
      outputs.append(Array(output[..<(width + round + 1)]))
      var next = elements
      for i in 1..<width {
        var sum = [Fr](repeating: .zero, count: basis)
        sum[0] = constants[i]
        Self.add(output, times: mds[i][0], to: &sum)
        for j in 1..<width { Self.add(elements[j], times: mds[i][j], to: &sum) }
        next[i] = sum
      }
      elements = next
    }
    partialOutputs = outputs
    finalElements = Array(elements[1...])
  }

  private static func add(_ source: [Fr], times factor: Fr, to target: inout [Fr]) {
    for k in source.indices where !source[k].isZero { target[k] += source[k] * factor }
  }

  /// Gauss-Jordan elimination; a Cauchy matrix is regular.
  private static func inverse(of matrix: [[Fr]]) -> [[Fr]] {
    let n = matrix.count
    var rows = matrix.enumerated().map { i, row in
      row + (0..<n).map { $0 == i ? Fr.one : .zero }
    }
    for column in 0..<n {
      guard let pivot = (column..<n).first(where: { !rows[$0][column].isZero }),
        let scale = rows[pivot][column].inverse()
      else { preconditionFailure("Poseidon's matrix is singular") }
      rows.swapAt(column, pivot)
      for k in rows[column].indices { rows[column][k] *= scale }
      for i in 0..<n where i != column && !rows[i][column].isZero {
        let (factor, source) = (-rows[i][column], rows[column])
        add(source, times: factor, to: &rows[i])
      }
    }
    return rows.map { Array($0[n...]) }
  }
}

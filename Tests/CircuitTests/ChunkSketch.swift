import Algebra
import Circuit
import TestSupport
import Varuna

/// A compiled chunk with the means to check and to spoil its witnesses.
struct ChunkSketch {
  let program: ChunkProgram
  let compiled: CompiledChunk

  /// - Parameter checked: operations to check at a challenge; nil leaves the choice to the compiler.
  init(_ graph: IntegerGraph, salted: Bool = false, checked: [Int]? = nil) throws {
    try self.init(
      ChunkProgram(
        graph: graph,
        inputEncodings: graph.inputs.map {
          .smallest(for: graph.tensors[$0].range, salted: salted)
        },
        outputEncodings: graph.outputs.map {
          .smallest(for: graph.tensors[$0].range, salted: salted)
        }, checked: checked))
  }

  init(_ program: ChunkProgram) throws {
    self.program = program
    compiled = try program.compile()
  }

  /// One operation on one input.
  init(
    _ kind: IntegerOperation.Kind, _ count: Int, _ range: ClosedRange<Int64>, to outputCount: Int,
    output: ClosedRange<Int64>? = nil
  ) throws {
    try self.init(kind, inputs: [(count, range)], to: outputCount, output: output)
  }

  /// One operation on inputs with these counts and ranges.
  init(
    _ kind: IntegerOperation.Kind, inputs: [(count: Int, range: ClosedRange<Int64>)],
    to outputCount: Int, output: ClosedRange<Int64>? = nil
  ) throws {
    var sketch = GraphSketch()
    let tensors = inputs.map { sketch.input($0.count, $0.range) }
    let y = sketch.add(kind, tensors, count: outputCount, range: output)
    try self.init(sketch.graph(outputs: [y]))
  }

  func instance(_ inputs: [[Int64]]) -> ChunkInstance {
    ChunkInstance(
      inputs: inputs,
      salts: program.encodings.enumerated().map { $1.salted ? Fr(UInt64(1000 + $0)) : nil })
  }

  func randomInputs(_ generator: inout SeededGenerator) -> [[Int64]] {
    program.graph.randomInputs(using: &generator)
  }

  /// Random inputs whose results lie in the ranges that rounded results declare.
  func acceptedInputs(seed: UInt64) throws -> [[Int64]] {
    try program.graph.acceptedInputs(seed: seed)
  }

  func assignment(_ witness: ChunkWitness) -> [Fr] {
    compiled.r1cs.assignment(
      publicInputs: witness.publicInputs, privateValues: witness.privateValues,
      randomizer: (Fr(UInt64(3)), Fr(UInt64(5))))
  }

  /// The violated constraint for these inputs, nil if the circuit accepts; `forge` may change any tensor.
  func failure(
    _ inputs: [[Int64]], forge: (inout [[Int64]]) -> Void = { _ in }
  ) throws -> ConstraintFailure? {
    var values = try program.graph.evaluate(inputs: inputs)
    forge(&values)
    let witness = program.assemble(values: values, salts: instance(inputs).salts)
    return compiled.failure(of: assignment(witness))
  }

  /// The violated constraint if one element of one tensor is claimed to be something else, and all that follows is computed
  /// from the claim, so that nothing else is inconsistent.
  func failureOfClaim(
    _ inputs: [[Int64]], tensor: TensorID, element: Int, change: Int64
  ) throws -> ConstraintFailure? {
    try failure(inputs) { values in
      values[tensor][element] += change
      for operation in program.graph.operations where operation.output > tensor {
        values[operation.output] = operation.kind.evaluate(operation.inputs.map { values[$0] })
      }
    }
  }

  /// Variables whose change by `delta` violates nothing: each would be a hole.
  func looseVariables(_ inputs: [[Int64]], delta: Fr) throws -> [Int] {
    var z = assignment(try compiled.witness(instance(inputs)))
    let r1cs = compiled.r1cs
    var rows = [[Int]](repeating: [], count: r1cs.variableCount)
    for matrix in r1cs.matrices {
      for row in 0..<matrix.rowCount {
        for entry in matrix.rowStarts[row]..<matrix.rowStarts[row + 1] {
          rows[Int(matrix.variables[entry])].append(row)
        }
      }
    }
    let candidates =
      Array(1..<r1cs.publicCount) + Array(r1cs.paddedPublicCount..<r1cs.variableCount)
    return candidates.filter { variable in
      let honest = z[variable]
      z[variable] += delta
      defer { z[variable] = honest }
      return rows[variable].allSatisfy { row in
        r1cs.matrices[0].product(row: row, z) * r1cs.matrices[1].product(row: row, z)
          == r1cs.matrices[2].product(row: row, z)
      }
    }
  }

  /// "Inverses" of combinations that vanish: the only variables of any gadget that are free, and used nowhere else.
  func freeInverses(_ inputs: [[Int64]]) throws -> Set<Int> {
    let z = assignment(try compiled.witness(instance(inputs)))
    let r1cs = compiled.r1cs
    let rows = (0..<r1cs.constraintCount).filter {
      compiled.location(of: $0).gadget == .equality
    }
    var free = Set<Int>()
    // The first of each pair of rows multiplies the number by its inverse.
    for row in stride(from: 0, to: rows.count, by: 2).map({ rows[$0] }) {
      for (matrix, other) in [(0, 1), (1, 0)] {
        let entries =
          r1cs.matrices[matrix].rowStarts[row]..<r1cs.matrices[matrix].rowStarts[row + 1]
        let isNumber = r1cs.matrices[other].product(row: row, z).isZero
        if entries.count == 1, isNumber {
          free.insert(Int(r1cs.matrices[matrix].variables[entries.lowerBound]))
        }
      }
    }
    return free
  }
}

extension AttackedCircuit {
  /// - Parameter without: leaves out rows for which it is true.
  init(
    _ chunk: ChunkSketch, inputs: [[Int64]], without: (ConstraintLocation) -> Bool = { _ in false }
  ) throws {
    try self.init(
      chunk.program, chunk.compiled,
      honest: chunk.assignment(chunk.compiled.witness(chunk.instance(inputs))), without: without)
  }
}

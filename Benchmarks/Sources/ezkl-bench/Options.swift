import Foundation
import Profiling

/// Why the command line cannot be used.
struct UsageError: Error {
  var text: String
}

/// The command line.
struct Options {
  /// What is to be done.
  enum Command: String, CaseIterable {
    /// Tables of times of every layer.
    case table
    /// Answers commands on standard input, for comparisons with other provers.
    case peer
    /// How models are cut.
    case cuts
  }

  var command = Command.table
  var json: String?
  var threads = ProcessInfo.processInfo.activeProcessorCount
  var logSizes = [12, 14, 16]
  /// Instances in a proof, per circuit.
  var instances = [1]
  var shapes: [SyntheticCircuit.Shape] = []
  /// Folders of models.
  var folders: [String] = []
  var help = false

  static let usage = """
    usage: ezkl-bench [table] [--json FILE] [--threads N] [--sizes 12,14,16]
           ezkl-bench peer --shape X,C,R,A,B,C … [--instances LIST] [--threads N]
           ezkl-bench cuts FOLDER … [--threads N]

      table            times of field, curve, FFT, MSM, index, every step of a proof, verification
      cuts             predicted times of models' plans beside those of greedy ones
      peer             answers index, prove and verify on standard input with times as JSON

      --json FILE      also write the results as JSON
      --threads N      width of every parallel kernel (default: all cores)
      --sizes LIST     log2 of constraints, points and domain sizes, each in 4...20
      --instances LIST instances in one proof, per circuit (default: 1)
      --shape COUNTS   public variables, variables, constraints, nonzeros of A, B and C; once per circuit
    """

  init(_ arguments: [String]) throws(UsageError) {
    var rest = arguments[...]
    if let first = rest.first, let command = Command(rawValue: first) {
      self.command = command
      rest.removeFirst()
    }
    while let argument = rest.popFirst() {
      switch argument {
      case "--json": json = try Self.value(of: argument, &rest)
      case "--threads": threads = try Self.numbers(of: argument, &rest, in: 1...256, count: 1)[0]
      case "--instances": instances = try Self.numbers(of: argument, &rest, in: 1...128)
      case "--sizes": logSizes = try Self.numbers(of: argument, &rest, in: 4...20)
      case "--shape":
        let counts = try Self.numbers(of: argument, &rest, in: 1...1 << 24, count: 6)
        let shape = SyntheticCircuit.Shape(
          publicCount: counts[0], variables: counts[1], constraints: counts[2],
          nonzeros: Array(counts[3...]))
        guard shape.isUsable else { throw UsageError(text: "no circuit has this shape") }
        shapes.append(shape)
      case "--help", "-h": help = true
      case _ where self.command == .cuts && !argument.hasPrefix("-"): folders.append(argument)
      default: throw UsageError(text: "unknown argument '\(argument)'")
      }
    }
    if command == .cuts, folders.isEmpty, !help {
      throw UsageError(text: "cuts needs folders with network.onnx and input.json")
    }
    if command == .peer, shapes.isEmpty, !help {
      throw UsageError(text: "peer needs --shape")
    }
  }

  /// The circuits of the proof; instances that are not given are 1.
  var parts: [ProofSession.Part] {
    shapes.enumerated().map {
      ProofSession.Part(
        SyntheticCircuit($1, seed: UInt64($0)).circuit,
        instances: $0 < instances.count ? instances[$0] : 1)
    }
  }

  private static func value(
    of option: String, _ rest: inout ArraySlice<String>
  ) throws(UsageError) -> String {
    guard let value = rest.popFirst() else { throw UsageError(text: "\(option) needs a value") }
    return value
  }

  /// Numbers separated by commas, all of them in a range.
  private static func numbers(
    of option: String, _ rest: inout ArraySlice<String>, in range: ClosedRange<Int>,
    count: Int? = nil
  ) throws(UsageError) -> [Int] {
    let pieces = try value(of: option, &rest).split(separator: ",")
    let numbers = pieces.compactMap { Int($0) }.filter(range.contains)
    guard numbers.count == pieces.count, !numbers.isEmpty, count.map({ $0 == pieces.count }) ?? true
    else {
      throw UsageError(
        text: "\(option) takes \(count.map { "\($0)" } ?? "some") numbers in "
          + "\(range.lowerBound)...\(range.upperBound) separated by commas")
    }
    return numbers
  }
}

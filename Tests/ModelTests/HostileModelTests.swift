import Foundation
import Model
import TestSupport
import Testing

/// Damaged models: reading, shape inference and evaluation end with a result or a `ModelError`, whatever the bytes.
@Suite struct HostileModelTests {
  /// Changes a few bytes, mostly those of the structure rather than of the weights.
  private static func mutated(
    _ bytes: [UInt8], using generator: inout SeededGenerator
  ) -> [UInt8] {
    var bytes = bytes
    let interesting: [UInt8] = [0, 1, 2, 0x7f, 0x80, 0xff]
    for _ in 0..<Int.random(in: 1...4, using: &generator) {
      let near = Bool.random(using: &generator) ? min(400, bytes.count) : bytes.count
      let place = Int.random(in: 0..<near, using: &generator)
      let index = Bool.random(using: &generator) ? place : bytes.count - 1 - place
      switch Int.random(in: 0..<4, using: &generator) {
      case 0: bytes[index] = interesting.randomElement(using: &generator)!
      case 1: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      case 2: bytes[index] = UInt8.random(in: 0...255, using: &generator)
      default: bytes.swapAt(index, Int.random(in: 0..<bytes.count, using: &generator))
      }
    }
    return bytes
  }

  /// Loads and, where it is small enough to be quick, evaluates; whether the model was refused.
  private static func isRefused(_ bytes: [UInt8]) -> Bool {
    do {
      let model = try Model.load(bytes)
      guard model.inputs.allSatisfy({ $0.count <= 4096 }) else { return false }
      let inputs = model.inputs.map { port in (0..<port.count).map { Double($0 % 3) } }
      _ = try model.evaluate(inputs)
      return false
    } catch {
      return true
    }
  }

  @Test(arguments: 0..<8)
  func mutatedExamples(_ seed: UInt64) throws {
    let (bytes, _, _) = try ExampleModelTests.load(seed % 2 == 0 ? "digits_mlp" : "digits_cnn")
    var generator = SeededGenerator(seed: seed)
    let refused = (0..<60).filter { _ in
      Self.isRefused(Self.mutated(bytes, using: &generator))
    }
    #expect(!refused.isEmpty, "seed \(seed)")
  }

  @Test(arguments: 0..<8)
  func mutatedOperators(_ seed: UInt64) throws {
    let cases: [OperatorTests.Case] = try OperatorTests.fixtures("operators")
    var generator = SeededGenerator(seed: 100 + seed)
    var refused = 0
    for test in cases {
      for _ in 0..<4 where Self.isRefused(Self.mutated([UInt8](test.model), using: &generator)) {
        refused += 1
      }
    }
    #expect(refused > cases.count, "seed \(seed)")
  }

  @Test(arguments: 0..<4)
  func mutatedControlFlow(_ seed: UInt64) throws {
    var generator = SeededGenerator(seed: 200 + seed)
    var refused = 0
    for test in ControlFlowTests.cases {
      for _ in 0..<8 where Self.isRefused(Self.mutated([UInt8](test.model), using: &generator)) {
        refused += 1
      }
    }
    #expect(refused > ControlFlowTests.cases.count, "seed \(seed)")
  }

  /// What weights are is sought by following names from node to node: names that stand for several nodes are refused before.
  @Test func namesAreCheckedBeforeTheyAreFollowed() throws {
    let test = try #require(
      try EncoderInputTests.fixtures("corners").refused.first { $0.name == "outputs of one name" })
    let error = #expect(throws: ModelError.self) {
      try Model.load([UInt8](test.model), committing: true)
    }
    #expect("\(try #require(error))".contains("a0 is defined twice"))
  }

  @Test func everyTruncationIsRefused() throws {
    let (bytes, _, _) = try ExampleModelTests.load("digits_mlp")
    for end in stride(from: 0, to: bytes.count - 40, by: 61) {
      #expect(throws: ModelError.self) { try Model.load(Array(bytes[..<end])) }
    }
  }
}

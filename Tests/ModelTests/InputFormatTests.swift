import Foundation
import Model
import TestSupport
import Testing

/// Files of numpy's formats, as numpy writes them: `Fixtures/inputs.json`.
@Suite struct InputFormatTests {
  struct Fixtures: Decodable {
    struct Case: Decodable {
      struct Tensor: Decodable {
        var name: String?
        var shape: [Int]
        var data: [Double]
      }
      var name: String
      var file: Data
      var tensors: [Tensor]
    }
    struct Stream: Decodable {
      var name: String
      var packed: Data
      var content: Data
    }
    var cases: [Case]
    var deflated: [Stream]
  }

  /// What every array begins with.
  private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  private static let fixtures = Result {
    let url = packageRoot.appendingPathComponent("Tests/ModelTests/Fixtures/inputs.json")
    return try JSONDecoder().decode(Fixtures.self, from: Data(contentsOf: url))
  }

  @Test func arraysHaveNumpysNumbersAndShapes() throws {
    for test in try Self.fixtures.get().cases {
      let file = try InputFile([UInt8](test.file))
      #expect(file.tensors.map(\.name) == test.tensors.map(\.name), "\(test.name)")
      #expect(file.tensors.map(\.shape) == test.tensors.map(\.shape), "\(test.name)")
      #expect(file.values == test.tensors.map(\.data), "\(test.name)")
    }
  }

  @Test func largeIntegersLoseNothing() throws {
    let test = try #require(
      try Self.fixtures.get().cases.first { $0.name == "largest integers" })
    let file = try InputFile([UInt8](test.file))
    #expect(file.tensors[0].numbers == .integers([1 << 63, (1 << 64) - 2048]))
  }

  @Test func streamsOfEveryKindAreInflated() throws {
    for test in try Self.fixtures.get().deflated {
      let packed = [UInt8](test.packed)
      let content = try Inflate.inflate(packed[...], size: test.content.count)
      #expect(content == [UInt8](test.content), "\(test.name)")
      for size in [test.content.count - 1, test.content.count + 1] where size >= 0 {
        #expect(throws: Inflate.Failure.self) { try Inflate.inflate(packed[...], size: size) }
      }
    }
  }

  @Test func damageIsAnErrorAndNeverATrap() throws {
    var generator = SeededGenerator(seed: 5)
    for test in try Self.fixtures.get().cases {
      let bytes = [UInt8](test.file)
      for round in 0..<60 {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
          let place = Int.random(in: 0..<damaged.count, using: &generator)
          damaged[place] = .random(in: 0...255, using: &generator)
        }
        if round % 2 == 0 {
          damaged = Array(damaged.prefix(Int.random(in: 0...damaged.count, using: &generator)))
        }
        _ = try? InputFile(damaged)
      }
      #expect(throws: ModelError.self, "\(test.name)") { try InputFile(bytes.dropLast()) }
    }
  }

  /// A header promises more than the file has, or what is no array of numbers.
  @Test(arguments: [
    "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387904, 4), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
    "{'descr': '<f4', 'fortran_order': True, 'shape': (0, 9223372036854775807), }",
    "{'descr': '<f4', 'fortran_order': False, 'shape': (-1, -1), }",
    "{'descr': '<f4', 'shape': (1,), }", "{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}",
    "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<U1', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<c8', 'fortran_order': False, 'shape': (1,), }",
    "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,), }",
    "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", "", "{", "{'",
  ])
  func falseHeadersAreRefused(_ header: String) {
    let bytes =
      Self.magic + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8) + [0, 0, 0, 0]
    #expect(throws: ModelError.self) { try InputFile(bytes) }
  }

  @Test func numbersThatAreNotFiniteAreNamed() {
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
    let bytes =
      Self.magic + [1, 0, UInt8(header.utf8.count), 0] + Array(header.utf8)
      + [0, 0, 0x80, 0x3f, 0, 0, 0x80, 0x7f]
    let error = #expect(throws: ModelError.self) { try InputFile(bytes) }
    #expect(error?.description.contains("element 1") == true)
  }
}

import Foundation
import Model
import ProofAggregation
import Testing

/// Numbers of documents as readers see them.
@Suite struct ShownNumberTests {
  private static func tensor(_ integers: [Int64]?, scale: Double = 1) -> BoundTensor {
    BoundTensor(
      name: "x", shape: [integers?.count ?? 2], scale: scale, visibility: .public,
      commitments: [], integers: integers, floats: integers?.map { Double($0) / scale })
  }

  private static func json(_ shown: ShownNumbers?) throws -> String {
    String(decoding: try JSONEncoder().encode(shown?.numbers), as: UTF8.self)
  }

  @Test func wholeNumbersHaveAllTheirDigits() throws {
    let list: [Int64] = [9_007_199_254_740_993, 9_007_199_254_740_992, .max, .min, -3]
    let shown = ShownNumbers(Self.tensor(list))
    #expect(shown?.numbers == list.map { .whole($0) })
    #expect(
      try Self.json(shown)
        == "[9007199254740993,9007199254740992,9223372036854775807,-9223372036854775808,-3]")
  }

  @Test func theLargestIsFoundAmongIntegers() {
    // As doubles they are equal.
    for scale in [1, 0.5, 4] {
      let list: [Int64] = [9_007_199_254_740_993, 9_007_199_254_740_992]
      #expect(ShownNumbers(Self.tensor(list, scale: scale))?.largest == 0)
      #expect(ShownNumbers(Self.tensor(list.reversed(), scale: scale))?.largest == 1)
    }
    #expect(ShownNumbers(Self.tensor([1]))?.largest == nil)
  }

  @Test func missingNumbersAreShownAsSuch() throws {
    let marks = [MissingMark(name: "x", mark: -4)]
    let shown = ShownNumbers(Self.tensor([-16, 3, 8, -16], scale: 4), marks: marks)
    #expect(shown?.numbers == [.missing, .real(0.75), .real(2), .missing])
    #expect(shown?.missing == [0, 3] && shown?.largest == 2)
    #expect(try Self.json(shown) == "[null,0.75,2,null]")
    let other = ShownNumbers(
      Self.tensor([-16, 3], scale: 4), marks: [MissingMark(name: "y", mark: -4)])
    #expect(other?.missing == nil && other?.numbers.first == .real(-4))
  }

  @Test func whatIsNotPublicHasNoNumbers() {
    #expect(ShownNumbers(Self.tensor(nil)) == nil)
  }
}

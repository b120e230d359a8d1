import Algebra
import Circuit
import TestSupport
import Testing

/// Convolutions as linear maps: how their structure is found, and what a check of them adds up.
@Suite struct ConvolutionTests {
  /// Positions at edges and corners belong to those inside, although part of their kernel lies on padding.
  @Test(arguments: [LinearMap.convolution(channels: 3), .stridedConvolution(channels: 3)])
  func positionsOfAConvolutionAreOneBlock(_ map: LinearMap) throws {
    let blocks = map.blocks()
    #expect(blocks.count == 1 && blocks[0].channelCount == 3)
    let rows = blocks.flatMap { $0.rows.joined() }
    #expect(rows.sorted() == Array(0..<map.outputCount))
    let translation = try #require(blocks[0].translation)
    #expect(Set(translation.shifts).count == map.outputCount / 3)
    for (columns, shift) in zip(blocks[0].columns, translation.shifts) {
      for (column, origin) in zip(columns, translation.origins) where column != nil {
        #expect(Int(column!) == origin + shift)
      }
    }
    try expectProducts(of: map, blocks)
  }

  /// Where positions have no elements in common each column is evaluated by itself.
  @Test func positionsThatShareNothing() throws {
    let map = LinearMap.disjointConvolution(channels: 2)
    let blocks = map.blocks()
    #expect(blocks.count == 1 && blocks[0].positionCount == 9)
    #expect(blocks[0].columns.contains { $0.contains(nil) })
    #expect(TranslatedSums(blocks) == nil)
    try expectProducts(of: map, blocks)
  }

  /// Padding is worth nothing by itself: a matrix that lacks other columns at each position is another matrix.
  @Test func otherMatricesAreOtherBlocks() throws {
    let map = LinearMap.convolution(channels: 2)
    var changed = LinearMap(inputCount: 36)
    for row in 0..<map.outputCount {
      let entries = map.entries(row).map {
        (column: $0.column, coefficient: $0.coefficient + (row == 7 ? 1 : 0))
      }
      changed.appendRow(entries, bias: map.biases[row])
    }
    let blocks = changed.blocks()
    #expect(blocks.count == 2)
    #expect(blocks.map(\.positionCount).sorted() == [1, 35])
    try expectProducts(of: changed, blocks)
  }

  /// What the check multiplies is what the matrix applies to, times the power that the identity is multiplied by.
  @Test(arguments: [LinearMap.convolution(channels: 3), .stridedConvolution(channels: 3)])
  func translatedSums(_ map: LinearMap) throws {
    let block = try #require(map.blocks().first)
    let translated = try #require(TranslatedSums([block]))
    #expect(translated.constraintCount < block.termCount * block.positionCount)
    #expect(translated.sums[0].contains { $0.base != nil })
    expectSums(translated, of: [block], inputCount: map.inputCount)
  }

  /// Kernels, strides, dilations, padding and channels of all kinds, transposed or not.
  @Test(arguments: UInt64(0)..<40) func anyConvolution(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let map = LinearMap.randomConvolution(&generator)
    let blocks = map.blocks()
    try expectProducts(of: map, blocks)
    let places = blocks.flatMap { $0.rows.joined() }
    #expect(Set(places).count == places.count)
    for shifts in blocks.compactMap(\.translation?.shifts) {
      #expect(Set(shifts).count == shifts.count && shifts.min() == 0)
    }
    if let sums = TranslatedSums(blocks) {
      expectSums(sums, of: blocks, inputCount: map.inputCount)
    }
  }

  private func expectSums(_ sums: TranslatedSums, of blocks: [MatrixBlock], inputCount: Int) {
    var generator = SeededGenerator(seed: 6)
    let input = (0..<inputCount).map { _ in Fr(UInt64.random(in: 0..<1000, using: &generator)) }
    let challenge = Fr(3)
    let products = sums.products.map {
      input[Int($0.element)] * challenge.pow(UInt64($0.exponent))
    }
    for (block, sums) in zip(blocks, sums.sums) {
      var totals: [Fr] = []
      for (term, sum) in sums.enumerated() {
        var total = sum.base.map { totals[$0] } ?? .zero
        for product in sum.added { total += products[product] }
        for product in sum.removed { total -= products[product] }
        totals.append(total)
        var expected = Fr.zero
        for (columns, shift) in zip(block.columns, block.translation!.shifts) {
          guard let column = columns[term] else { continue }
          expected += input[Int(column)] * challenge.pow(UInt64(shift + sum.offset))
        }
        #expect(total == expected)
      }
    }
  }
}

/// The matrix of each block, applied at each position, makes the rows of the map.
func expectProducts(of map: LinearMap, _ blocks: [MatrixBlock]) throws {
  var generator = SeededGenerator(seed: 2)
  let input = (0..<map.inputCount).map { _ in Int64.random(in: -9...9, using: &generator) }
  let expected = IntegerOperation.Kind.linear(map).evaluate([input])
  for block in blocks {
    for (channel, rows) in block.rows.enumerated() {
      for (row, columns) in zip(rows, block.columns) {
        let sum = zip(block.weights[channel], columns).reduce(map.biases[row]) {
          $0 + $1.0 * ($1.1.map { input[Int($0)] } ?? 0)
        }
        #expect(sum == expected[row])
      }
    }
  }
}

extension LinearMap {
  /// A convolution of `channels` 3x3 kernels over a 6x6 image with padding 1.
  static func convolution(channels: Int) -> LinearMap {
    var map = LinearMap(inputCount: 36)
    for channel in 0..<channels {
      for place in 0..<36 {
        var entries = [(column: Int, coefficient: Int64)]()
        for tap in 0..<9 {
          let (row, column) = (place / 6 + tap / 3 - 1, place % 6 + tap % 3 - 1)
          guard (0..<6).contains(row), (0..<6).contains(column) else { continue }
          entries.append((row * 6 + column, Int64((channel + 1) * (tap + 1) % 7 - 3)))
        }
        map.appendRow(entries.filter { $0.coefficient != 0 }, bias: Int64(channel))
      }
    }
    return map
  }

  /// A convolution of 2 channels of 9x7 pixels, `channels` 3x3 kernels, stride 2, padding 1 above and to the left.
  static func stridedConvolution(channels: Int) -> LinearMap {
    var map = LinearMap(inputCount: 2 * 63)
    for channel in 0..<channels {
      for place in 0..<12 {
        var entries = [(column: Int, coefficient: Int64)]()
        for tap in 0..<18 {
          let row = 2 * (place / 3) + tap % 9 / 3 - 1
          let column = 2 * (place % 3) + tap % 3 - 1
          guard row >= 0, column >= 0 else { continue }
          let weight = Int64((channel + 2) * (tap + 3) % 11 - 5)
          entries.append((tap / 9 * 63 + row * 7 + column, weight == 0 ? 6 : weight))
        }
        map.appendRow(entries, bias: Int64(channel))
      }
    }
    return map
  }

  /// 3x3 kernels at 3x3 places that do not overlap, the first row and column of them on padding.
  static func disjointConvolution(channels: Int) -> LinearMap {
    var map = LinearMap(inputCount: 64)
    for channel in 0..<channels {
      for place in 0..<9 {
        var entries = [(column: Int, coefficient: Int64)]()
        for tap in 0..<9 {
          let (row, column) = (3 * (place / 3) + tap / 3 - 1, 3 * (place % 3) + tap % 3 - 1)
          guard row >= 0, column >= 0 else { continue }
          entries.append((row * 8 + column, Int64(channel + tap + 1)))
        }
        map.appendRow(entries)
      }
    }
    return map
  }

  /// A convolution with small numbers of everything, transposed or not.
  static func randomConvolution(_ generator: inout SeededGenerator) -> LinearMap {
    func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }
    let (inputs, outputs, size) = (pick(1...3), pick(1...3), pick(4...8))
    let (kernel, stride, dilation, padding) = (pick(2...3), pick(1...2), pick(1...2), pick(0...2))
    let isTransposed = pick(0...2) == 0
    let reach = dilation * (kernel - 1) + 1
    let places =
      isTransposed
      ? stride * (size - 1) + reach - 2 * padding : (size + 2 * padding - reach) / stride + 1
    let weights = (0..<inputs * outputs * kernel * kernel).map { _ in Int64(pick(1...99)) }
    var map = LinearMap(inputCount: inputs * size * size)
    guard places > 0 else { return map }
    /// Where tap `tap` of place `place` lies, if it does.
    func source(_ place: Int, _ tap: Int) -> Int? {
      let moved =
        isTransposed ? place + padding - dilation * tap : stride * place + dilation * tap - padding
      guard isTransposed else { return (0..<size).contains(moved) ? moved : nil }
      return moved % stride == 0 && (0..<size).contains(moved / stride) && moved >= 0
        ? moved / stride : nil
    }
    for output in 0..<outputs {
      for place in 0..<places * places {
        var entries: [(column: Int, coefficient: Int64)] = []
        for input in 0..<inputs {
          for tap in 0..<kernel * kernel {
            guard let row = source(place / places, tap / kernel),
              let column = source(place % places, tap % kernel)
            else { continue }
            let weight = weights[(output * inputs + input) * kernel * kernel + tap]
            entries.append(((input * size + row) * size + column, weight))
          }
        }
        map.appendRow(entries, bias: Int64(output))
      }
    }
    return map
  }
}

import Testing
import Wire

struct CompressionTests {
  @Test func comesBack() throws {
    for count in [600, 5000, 1 << 20] {
      let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0 / 7) }
      let packed = try #require(Compression.compress(plain))
      #expect(packed.count < plain.count)
      #expect(try Compression.decompress(packed, limit: count) == plain)
    }
  }

  @Test func whatDoesNotShrinkIsLeftAlone() {
    #expect(Compression.compress(Sodium.randomBytes(4096)) == nil)
    #expect(Compression.compress([]) == nil)
  }

  @Test func declaredSizeAboveTheLimitIsRefused() throws {
    let packed = try #require(Compression.compress([UInt8](repeating: 0, count: 1 << 20)))
    #expect(packed.count < 200)
    #expect(
      throws: WireError.decompressedTooLarge(found: 1 << 20, limit: 1 << 20 - 1)
    ) { try Compression.decompress(packed, limit: 1 << 20 - 1) }
  }

  @Test func lyingAboutTheSizeIsRefused() throws {
    let bomb = try #require(Compression.compress([UInt8](repeating: 0, count: 1 << 24)))
    for lie in [0, 1, 1 << 10, 1 << 24 - 1, 1 << 24 + 1] {
      var lying = bomb
      for i in 0..<4 { lying[i] = UInt8(truncatingIfNeeded: lie >> (8 * i)) }
      #expect(throws: WireError.corruptCompression, "declared \(lie)") {
        try Compression.decompress(lying, limit: 1 << 25)
      }
    }
  }

  @Test func secondFramesAndTailsAreRefused() throws {
    let packed = try #require(Compression.compress([UInt8](repeating: 5, count: 1000)))
    for tail in [[0], Array(packed.dropFirst(4))] {
      #expect(throws: WireError.corruptCompression) {
        try Compression.decompress(packed + tail, limit: 1 << 20)
      }
    }
    for count in 0..<packed.count {
      #expect(throws: WireError.corruptCompression) {
        try Compression.decompress(Array(packed.prefix(count)), limit: 1 << 20)
      }
    }
  }

  @Test(arguments: [UInt64(1), 2, 3])
  func mutationsNeverTrap(_ seed: UInt64) throws {
    var generator = Seeded(state: seed)
    let plain = (0..<3000).map { UInt8(truncatingIfNeeded: $0 % 100 * ($0 % 7)) }
    let packed = try #require(Compression.compress(plain))
    for _ in 0..<2000 {
      var changed = packed
      for _ in 0..<Int.random(in: 1...4, using: &generator) {
        changed[Int.random(in: changed.indices, using: &generator)] = .random(
          in: 0...255, using: &generator)
      }
      if let result = try? Compression.decompress(changed, limit: 4096) {
        #expect(result.count <= 4096, "seed \(seed)")
      }
    }
  }
}

import CZstd

/// zstd with a size that is declared, checked against a limit and enforced.
package enum Compression {
  /// Fast and good enough: what is sent is mostly field elements, which do not compress at all.
  private static let level: Int32 = 1

  /// The library's version.
  package static var version: String { String(cString: ZSTD_versionString()) }

  /// A 4-byte size and a zstd frame, or nil where that would not be smaller than the input.
  package static func compress(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.count <= UInt32.max else { return nil }
    let bound = ZSTD_compressBound(bytes.count)
    var written = 0
    var writer = ByteWriter()
    writer.integer(UInt32(bytes.count))
    let packed = [UInt8](unsafeUninitializedCapacity: bound) { buffer, count in
      written = ZSTD_compress(buffer.baseAddress, bound, bytes, bytes.count, level)
      count = ZSTD_isError(written) == 0 ? written : 0
    }
    guard ZSTD_isError(written) == 0, packed.count + 4 < bytes.count else { return nil }
    return writer.bytes + packed
  }

  /// Undoes `compress`; a declared size above `limit` is refused before anything is allocated.
  ///
  /// The size is declared twice, before and inside the zstd frame; both must agree with what comes out.
  package static func decompress(_ bytes: [UInt8], limit: Int) throws(WireError) -> [UInt8] {
    guard bytes.count > 4 else { throw .corruptCompression }
    let declared = bytes[0..<4].reversed().reduce(0) { $0 << 8 | Int($1) }
    guard declared <= limit else {
      throw .decompressedTooLarge(found: UInt64(declared), limit: limit)
    }
    let result: [UInt8]? = bytes.withUnsafeBytes { buffer in
      let frame = UnsafeRawBufferPointer(rebasing: buffer[4...])
      guard ZSTD_getFrameContentSize(frame.baseAddress, frame.count) == UInt64(declared),
        ZSTD_findFrameCompressedSize(frame.baseAddress, frame.count) == frame.count
      else { return nil }
      var written = 0
      let plain = [UInt8](unsafeUninitializedCapacity: max(declared, 1)) { out, count in
        written = ZSTD_decompress(out.baseAddress, declared, frame.baseAddress, frame.count)
        count = ZSTD_isError(written) == 0 ? written : 0
      }
      return ZSTD_isError(written) == 0 && plain.count == declared ? plain : nil
    }
    guard let result else { throw .corruptCompression }
    return result
  }
}

import CZlib

/// Decompression of the DEFLATE format, and the checksums of archives, by zlib.
///
/// Works on outside data: what is made never exceeds the announced size, and nothing is allocated that so short a stream cannot
/// make.
package enum Inflate {
  /// What is wrong with a compressed stream.
  package struct Failure: Error {}

  /// Bytes that one byte of a stream makes at most (https://zlib.net/zlib_tech.html).
  private static let largestRatio = 1032

  /// Decompresses a whole stream.
  ///
  /// - Parameter size: bytes that it must make.
  /// - Throws: where it is damaged, makes another number of bytes, or has bytes after its end.
  package static func inflate(_ bytes: ArraySlice<UInt8>, size: Int) throws(Failure) -> [UInt8] {
    guard bytes.count < Int(Int32.max), size < Int(Int32.max),
      size <= Self.largestRatio * bytes.count
    else { throw Failure() }
    var input = Array(bytes)
    var isWhole = false
    // Room for one byte more shows whether the stream makes too many.
    let output = [UInt8](unsafeUninitializedCapacity: size + 1) { buffer, count in
      input.withUnsafeMutableBufferPointer { input in
        var stream = z_stream()
        // Negative: no header around the stream.
        guard
          inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
            == Z_OK
        else { return }
        defer { inflateEnd(&stream) }
        (stream.next_in, stream.avail_in) = (input.baseAddress, uInt(input.count))
        (stream.next_out, stream.avail_out) = (buffer.baseAddress, uInt(size + 1))
        isWhole =
          CZlib.inflate(&stream, Z_FINISH) == Z_STREAM_END && stream.avail_in == 0
          && stream.avail_out == 1
      }
      count = isWhole ? size : 0
    }
    guard isWhole else { throw Failure() }
    return output
  }

  /// The CRC-32 of bytes.
  static func checksum(_ bytes: [UInt8]) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32_z(0, bytes, bytes.count))
  }
}

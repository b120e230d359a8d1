/// The files of a ZIP archive that is small enough for memory, stored or deflated.
///
/// Source: PKWARE's APPNOTE 6.3.10. Sizes come from the central directory; nothing is allocated that exceeds what an archive of
/// this size can hold.
struct ZipArchive {
  /// A file of the archive.
  struct Entry {
    var name: String
    var bytes: [UInt8]
  }

  /// Bytes of all files together at most.
  static let maximalBytes = 1 << 29
  /// Files at most.
  private static let maximalCount = 1 << 12

  /// In the order of the archive's directory.
  let entries: [Entry]

  /// Reads all files.
  ///
  /// - Throws: `invalidInputFile` with the place that is wrong.
  init(_ bytes: [UInt8]) throws(ModelError) {
    func invalid(_ reason: String) -> ModelError {
      .invalidInputFile(reason: "as a .npz file, \(reason)")
    }
    func number(_ position: Int, _ count: Int) throws(ModelError) -> Int {
      guard position >= 0, bytes.count - position >= count else { throw invalid("it is cut off") }
      return (0..<count).reduce(0) { $0 | Int(bytes[position + $1]) << (8 * $1) }
    }
    let signature: [UInt8] = [0x50, 0x4b, 5, 6]
    let lowest = max(0, bytes.count - 22 - 0xffff)
    guard bytes.count >= 22,
      let end = (lowest...bytes.count - 22).last(where: {
        bytes[$0] == signature[0] && bytes[$0..<$0 + 4].elementsEqual(signature)
      })
    else { throw invalid("it has no directory: is it cut off?") }
    let count = try number(end + 10, 2)
    var position = try number(end + 16, 4)
    guard count <= Self.maximalCount, position != 0xffff_ffff else {
      throw invalid("it has more than \(Self.maximalCount) files or 4 GiB")
    }
    var entries: [Entry] = []
    var room = Self.maximalBytes
    for _ in 0..<count {
      guard try number(position, 4) == 0x0201_4b50 else {
        throw invalid("its directory is damaged")
      }
      let (flags, method) = (try number(position + 8, 2), try number(position + 10, 2))
      let (sum, packed) = (try number(position + 16, 4), try number(position + 20, 4))
      let (size, nameLength) = (try number(position + 24, 4), try number(position + 28, 2))
      let (extra, comment) = (try number(position + 30, 2), try number(position + 32, 2))
      let local = try number(position + 42, 4)
      let start = position + 46
      guard bytes.count - start >= nameLength else { throw invalid("it is cut off") }
      let name = String(decoding: bytes[start..<start + nameLength], as: UTF8.self)
      position = start + nameLength + extra + comment
      guard try number(local, 4) == 0x0403_4b50 else { throw invalid("its directory is damaged") }
      let data = try local + 30 + number(local + 26, 2) + number(local + 28, 2)
      guard flags & 1 == 0 else { throw invalid("'\(name)' is encrypted") }
      guard size <= room else { throw invalid("it holds more than \(Self.maximalBytes) bytes") }
      guard bytes.count - data >= packed else { throw invalid("'\(name)' is cut off") }
      let content: [UInt8]
      switch method {
      case 0 where packed == size: content = Array(bytes[data..<data + size])
      case 8:
        do throws(Inflate.Failure) {
          content = try Inflate.inflate(bytes[data..<data + packed], size: size)
        } catch {
          throw invalid("'\(name)' is damaged")
        }
      default:
        throw invalid(
          "'\(name)' is compressed by method \(method); numpy.savez and savez_compressed use others"
        )
      }
      guard Inflate.checksum(content) == UInt32(sum) else { throw invalid("'\(name)' is damaged") }
      room -= size
      entries.append(Entry(name: name, bytes: content))
    }
    self.entries = entries
  }
}

/// The container of iden3's binary files: magic, version, and sections of a type and a length.
struct SectionedFile {
  /// More sections than any known file has are refused.
  static let maximumSections = 64

  let name: String
  private let bytes: [UInt8]
  /// The place of every section's contents, by its type.
  private(set) var sections: [Int: Range<Int>] = [:]

  /// Reads the table of sections and nothing inside them.
  init(_ bytes: [UInt8], name: String, magic: String, version: Int) throws(ImportError) {
    self.bytes = bytes
    self.name = name
    var reader = SectionReader(bytes, bytes.indices, file: name, section: "file header")
    let found = try reader.take(4, of: "the mark '\(magic)'")
    guard Array(found) == Array(magic.utf8) else {
      throw reader.malformed(
        expected: "the mark '\(magic)'", found: "bytes \(Array(found))", at: 0)
    }
    let foundVersion = try reader.uint32("version")
    guard foundVersion == version else {
      throw reader.malformed(expected: "version \(version)", found: "\(foundVersion)", at: 4)
    }
    let count = try reader.uint32("number of sections")
    guard count <= Self.maximumSections else {
      throw reader.malformed(
        expected: "at most \(Self.maximumSections) sections", found: "\(count)", at: 8)
    }
    for _ in 0..<count {
      let start = reader.offset
      let type = try reader.uint32("section type")
      let size = try reader.uint64("section size")
      guard size <= UInt64(reader.remaining) else {
        throw reader.malformed(
          expected: "section \(type) of \(size) bytes",
          found: "the end after \(reader.remaining) bytes")
      }
      guard sections[type] == nil else {
        throw reader.malformed(
          expected: "every section once", found: "section \(type) again", at: start)
      }
      sections[type] = reader.offset..<reader.offset + Int(size)
      _ = try reader.take(Int(size), of: "section \(type)")
    }
    try reader.finish()
  }

  /// A reader of a section that must be there.
  func reader(_ type: Int, _ section: String) throws(ImportError) -> SectionReader {
    guard let range = sections[type] else {
      throw .malformed(
        file: name, section: section, offset: bytes.count, expected: "section \(type)",
        found: "none of this type")
    }
    return SectionReader(bytes, range, file: name, section: section)
  }
}

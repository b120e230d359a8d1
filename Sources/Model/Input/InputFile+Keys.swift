import Foundation

/// Keys of JSON as they stand in the file.
extension InputFile {
  /// A key that an object has twice, or by two spellings of the same characters: readers take the first or the last of them.
  ///
  /// - Parameter bytes: JSON in UTF-8, as a parser has read it.
  static func repeatedKey(_ bytes: [UInt8]) -> String? {
    // The keys of every object that is open; nil for a list.
    var open: [Set<String>?] = []
    var isKey = false
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "{"):
        open.append([])
        isKey = true
      case UInt8(ascii: "["):
        open.append(nil)
        isKey = false
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        _ = open.popLast()
        isKey = false
      case UInt8(ascii: ","):
        isKey = open.last.map { $0 != nil } ?? false
      case UInt8(ascii: "\""):
        let start = index
        index += 1
        while index < bytes.count, bytes[index] != UInt8(ascii: "\"") {
          index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        }
        guard isKey, !open.isEmpty, index < bytes.count else { break }
        isKey = false
        let key = text(bytes[start...index])
        guard open[open.count - 1]?.insert(key).inserted ?? true else { return key }
      default: break
      }
      index += 1
    }
    return nil
  }

  /// What a text of JSON says, its quotes and escapes aside.
  private static func text(_ quoted: ArraySlice<UInt8>) -> String {
    guard quoted.contains(UInt8(ascii: "\\")) else {
      return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
    }
    let value = try? JSONSerialization.jsonObject(
      with: Data(quoted), options: .fragmentsAllowed)
    return value as? String ?? String(decoding: quoted, as: UTF8.self)
  }
}

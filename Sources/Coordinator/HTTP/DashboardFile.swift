internal import CDashboard
import Wire

/// A file of the dashboard, as it was when the program was compiled.
package struct DashboardFile: Sendable {
  /// Its name, without a folder.
  package let name: String
  /// What it is, for browsers.
  package let type: String
  /// Changes with its bytes.
  package let tag: String
  package let bytes: [UInt8]

  /// The page that has the others loaded.
  package static let page = "index.html"

  /// All of them, by name.
  package static let all: [String: DashboardFile] = {
    var files: [String: DashboardFile] = [:]
    for number in 0... {
      let file = cdashboard_file_at(number)
      guard let name = file.name, let start = file.bytes else { break }
      let found = DashboardFile(
        String(cString: name), Array(UnsafeBufferPointer(start: start, count: file.count)))
      files[found.name] = found
    }
    return files
  }()

  private init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    tag = "\"\(Digest(of: bytes).hex.prefix(32))\""
    type =
      switch name.split(separator: ".").last {
      case "html": "text/html; charset=utf-8"
      case "css": "text/css; charset=utf-8"
      case "js": "text/javascript; charset=utf-8"
      case "svg": "image/svg+xml"
      default: "application/octet-stream"
      }
  }
}

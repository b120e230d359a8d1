import Foundation

/// Where a webhook goes: an address of http or https, strictly read. Pure.
package struct WebhookTarget: Equatable, Sendable {
  /// The longest address, in bytes.
  package static let longest = 2048

  /// The whole of it; its path may be a secret of whoever named it.
  package let url: String
  /// What may be shown: scheme, host and port.
  package let origin: String

  /// Reads an address.
  ///
  /// - Throws: `badJob`, with what is expected.
  package init(_ text: String) throws(CoordinatorError) {
    func refuse(_ reason: String) -> CoordinatorError { .badJob("the webhook's address \(reason)") }
    guard text.utf8.count <= Self.longest else {
      throw refuse("has more than \(Self.longest) bytes")
    }
    // Whoever parses it later must not read it in another way.
    guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\\") }),
      let parts = URLComponents(string: text)
    else { throw refuse("is no URL of printable ASCII characters") }
    guard let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme) else {
      throw refuse("must begin with https:// or http://")
    }
    guard let host = parts.encodedHost, !host.isEmpty, !host.contains("%") else {
      throw refuse("names no host")
    }
    guard parts.percentEncodedUser == nil, parts.percentEncodedPassword == nil,
      parts.fragment == nil
    else { throw refuse("must have no user, password or fragment") }
    guard parts.port.map({ (1...65535).contains($0) }) ?? true else {
      throw refuse("has a port that is none")
    }
    url = text
    origin = "\(scheme)://\(host)" + (parts.port.map { ":\($0)" } ?? "")
  }

  /// What may be shown of an address that somebody gave.
  package static func shown(_ text: String) -> String {
    (try? WebhookTarget(text))?.origin ?? "an address that cannot be used"
  }
}

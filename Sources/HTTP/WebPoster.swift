internal import CCurl
import Glibc

/// Sends requests to others by libcurl; the only type that sees it.
///
/// No redirect is followed, no proxy asked, nothing remembered between requests. Which addresses may be connected to is asked with the
/// address that a connection is about to be made to: a name that means another address the second time gains nothing.
package struct WebPoster: Sendable {
  /// What came of a request.
  package enum Outcome: Equatable, Sendable {
    /// The status of the answer, of which nothing else is read.
    case answered(Int)
    /// The name stands for no address that may be connected to.
    case refused
    /// There was no answer, and why.
    case failed(String)
  }

  /// Bytes of an answer after which the connection is closed.
  package static let longestReply = 64 << 10

  /// Seconds that a request may take, and those until there is a connection.
  private let seconds: Double
  private let connectSeconds: Double
  /// A file with certificates of authorities; nil: the system's.
  private let authorities: String?
  private let allows: @Sendable (UnsafePointer<sockaddr>) -> Bool

  private static let isReady = ezkl_curl_begin() != 0

  /// The library's version.
  package static var libraryVersion: String {
    String(cString: ezkl_curl_version())
  }

  /// A sender that connects to global addresses, or to any.
  package init(
    allowsPrivate: Bool, seconds: Double = 10, connectSeconds: Double = 5,
    authorities: String? = nil
  ) {
    self.seconds = seconds
    self.connectSeconds = connectSeconds
    self.authorities = authorities
    allows = { address in allowsPrivate || AddressScope.isGlobal(address) }
  }

  /// What a request asks while it is under way.
  private final class Questions {
    let allows: @Sendable (UnsafePointer<sockaddr>) -> Bool
    let isWanted: @Sendable () -> Bool

    init(
      _ allows: @escaping @Sendable (UnsafePointer<sockaddr>) -> Bool,
      _ isWanted: @escaping @Sendable () -> Bool
    ) {
      self.allows = allows
      self.isWanted = isWanted
    }
  }

  /// Posts a body, and waits for the answer on the calling thread.
  ///
  /// - Parameters:
  ///   - url: of scheme http or https.
  ///   - isWanted: asked about once a second; where it says no, the request is given up.
  package func post(
    _ body: [UInt8], to url: String, headers: [(name: String, value: String)],
    while isWanted: @escaping @Sendable () -> Bool = { true }
  ) -> Outcome {
    guard Self.isReady else { return .failed("the library for requests did not start") }
    let lines = headers.map { "\($0.name): \($0.value)" } + ["Expect:", "User-Agent: ezkl-coord"]
    // A line break in a value would be another header.
    guard lines.allSatisfy({ !$0.utf8.contains { $0 < 0x20 || $0 == 0x7f } }) else {
      return .failed("a header holds what no header can")
    }
    var words: [UnsafePointer<CChar>?] = lines.map { UnsafePointer(strdup($0)) }
    defer { for word in words { free(UnsafeMutablePointer(mutating: word)) } }
    let questions = Questions(allows, isWanted)
    let outcome = withExtendedLifetime(questions) {
      url.withCString { url in
        body.withUnsafeBytes { bytes in
          words.withUnsafeMutableBufferPointer { words in
            perform(url, bytes, UnsafePointer(words.baseAddress), words.count, questions)
          }
        }
      }
    }
    if outcome.status > 0 { return .answered(Int(outcome.status)) }
    if outcome.was_refused != 0 { return .refused }
    return .failed(Self.text(outcome))
  }

  private func perform(
    _ url: UnsafePointer<CChar>, _ body: UnsafeRawBufferPointer,
    _ headers: UnsafePointer<UnsafePointer<CChar>?>?, _ count: Int, _ questions: Questions
  ) -> ezkl_curl_outcome {
    var options = ezkl_curl_post_options()
    options.url = url
    options.body = body.baseAddress.map { $0.assumingMemoryBound(to: CChar.self) }
    options.body_bytes = body.count
    options.reply_bytes = Self.longestReply
    options.headers = headers
    options.header_count = count
    options.connect_milliseconds = Int(connectSeconds * 1000)
    options.milliseconds = Int(seconds * 1000)
    options.allows = { context, address in
      guard let context, let address else { return 0 }
      return Unmanaged<Questions>.fromOpaque(context).takeUnretainedValue().allows(address) ? 1 : 0
    }
    options.wanted = { context in
      guard let context else { return 0 }
      return Unmanaged<Questions>.fromOpaque(context).takeUnretainedValue().isWanted() ? 1 : 0
    }
    options.context = Unmanaged.passUnretained(questions).toOpaque()
    guard let authorities else { return ezkl_curl_post(&options) }
    return authorities.withCString { path in
      options.authorities = path
      return ezkl_curl_post(&options)
    }
  }

  private static func text(_ outcome: ezkl_curl_outcome) -> String {
    withUnsafeBytes(of: outcome.fault) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}

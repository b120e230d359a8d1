import Wire

/// What a program shows with every request over HTTP: the secret of a token that was made for that, and nothing else.
///
/// Text form: `ezklh1.` and the secret's 64 hexadecimal digits. It enrols no key, and a join token opens no HTTP: the two
/// are told apart in the database, too. Only the hash of the secret is stored.
enum BearerToken {
  static let prefix = "ezklh1."

  /// The text to hand to the program. Contains the secret.
  static func text(of secret: TokenSecret) -> String {
    prefix + secret.bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The secret of a text; nil where it is no such token.
  static func secret(in text: String) -> TokenSecret? {
    guard text.hasPrefix(prefix), let value = Digest(hex: text.dropFirst(prefix.count)) else {
      return nil
    }
    return TokenSecret(bytes: value.bytes)
  }
}

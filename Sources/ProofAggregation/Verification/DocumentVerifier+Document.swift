import Varuna

extension DocumentVerifier {
  /// A value that was put together instead of being read may lack what other checks look at; nil if it lacks nothing.
  var kindCheck: DocumentCheck? {
    document.misfit.map { field, reason in
      DocumentCheck("document", ["\(field.rawValue): \(reason)"], otherwise: "")
    }
  }

  /// A damaged document is named as such even where no proof, link or commitment speaks about the damaged field.
  var contentCheck: DocumentCheck {
    guard let digest = document.digest else {
      return DocumentCheck("content", [], otherwise: "\(document.kind.rawValue), without a digest")
    }
    let found = document.contentDigest
    return DocumentCheck(
      "content",
      digest == found
        ? [] : ["its digest is \(found?.hex ?? "unknown"), the document says \(digest)"],
      otherwise: digest.hex)
  }

  /// Versions 1 and 2 accept proofs of false statements.
  var versionCheck: DocumentCheck {
    let version = document.varunaVersion
    let isRefused = version != .v3 && !pins.allowsUnsoundVersion
    return DocumentCheck(
      "varuna version",
      isRefused
        ? [
          "Varuna V\(version.rawValue) is unsound; --allow-unsound-version checks the proof all the same"
        ] : [], otherwise: "V\(version.rawValue)")
  }

  /// The powers of tau are those that the document names: the ceremony's, or made from the seed.
  var srsCheck: (SRSVerifierParameters?, DocumentCheck) {
    let parameters: SRSVerifierParameters?
    var failures: [String] = []
    switch document.srs.kind {
    case .mainnet:
      parameters = .mainnet
      if document.srs.seed != nil { failures.append("a seed beside the ceremony's parameters") }
    case .development:
      parameters = document.srs.seed.flatMap {
        $0.utf8.count <= SRS.maximalSeedBytes ? SRSVerifierParameters.development(seed: $0) : nil
      }
    }
    if let parameters {
      if parameters.id != document.srs.id {
        failures.append("id '\(document.srs.id)', the parameters' own is '\(parameters.id)'")
      }
    } else {
      failures.append("development parameters without a usable seed")
    }
    return (
      failures.isEmpty ? parameters : nil,
      DocumentCheck("srs", failures, otherwise: "\(document.srs.kind.rawValue) \(document.srs.id)")
    )
  }
}

import Algebra
import Varuna

/// libFuzzer's entry: decodes the input as a proof and as a verifying key, and judges what decodes.
///
/// The first byte chooses: 0 proof, 1 key, 2 parameter file, else a key followed by a proof that is then
/// verified with the key's own statement. Nothing may trap, and what decodes must encode to the same bytes.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
  guard count > 0 else { return 0 }
  let data = Array(UnsafeBufferPointer(start: start, count: count))
  let rest = Array(data.dropFirst())
  switch data[0] {
  case 0:
    if let proof = try? Proof(bytes: rest) { precondition(proof.bytes == rest) }
  case 1:
    if let key = try? VerifyingKey(bytes: rest) { precondition(key.bytes == rest) }
  case 2:
    _ = try? SRS(fileBytes: rest)
  default:
    judge(rest)
  }
  return 0
}

/// A key, then a proof: verified about as many instances as the proof announces.
private func judge(_ bytes: [UInt8]) {
  guard bytes.count > VerifyingKey.byteCount,
    let key = try? VerifyingKey(bytes: bytes[..<VerifyingKey.byteCount]),
    let proof = try? Proof(bytes: bytes[VerifyingKey.byteCount...])
  else { return }
  let instances = min(proof.batchSizes.first ?? 1, 8)
  guard let statement = try? Statement([(key, [[Fr]](repeating: [.one], count: instances))])
  else { return }
  let verdict = Verifier.verify(proof, statement, version: .v3, parameters: .mainnet)
  precondition(verdict != .accepted, "a proof of something else was accepted")
}

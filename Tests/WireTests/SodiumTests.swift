import Testing
import Wire

struct SodiumTests {
  /// FIPS 180-4 examples.
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func sha256(_ text: String, _ digest: String) {
    let message = Array(text.utf8)
    #expect(Digest(of: message).hex == digest)
    var hasher = DigestHasher()
    for byte in message { hasher.update([byte]) }
    #expect(hasher.finish().hex == digest)
  }

  /// RFC 7748, section 6.1.
  @Test(arguments: [
    (
      "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a",
      "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a"
    ),
    (
      "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
      "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"
    ),
  ])
  func publicKey(_ privateKey: String, _ publicKey: String) throws {
    let key = try #require(StaticKey(privateBytes: bytes(privateKey)))
    #expect(key.publicKey.hex == publicKey)
    #expect(key.fingerprint == Digest(of: bytes(publicKey)))
    #expect(!"\(key)".contains(privateKey))
    #expect(StaticKey(privateBytes: bytes(privateKey).dropLast()) == nil)
  }

  @Test func comparisonIsByContent() {
    #expect(Sodium.constantTimeEqual([], []))
    #expect(Sodium.constantTimeEqual([1, 2], [1, 2]))
    #expect(!Sodium.constantTimeEqual([1, 2], [1, 3]))
    #expect(!Sodium.constantTimeEqual([1, 2], [1, 2, 3]))
  }

  @Test func randomBytesDiffer() {
    #expect(Sodium.randomBytes(32) != Sodium.randomBytes(32))
    #expect(Sodium.randomBytes(0).isEmpty)
  }

  @Test func digestText() throws {
    let digest = Digest(of: [1])
    #expect(Digest(hex: digest.hex) == digest)
    #expect(Digest(hex: digest.hex.uppercased()) == digest)
    #expect(Digest(hex: String(digest.hex.dropLast())) == nil)
    #expect(Digest(hex: "zz" + digest.hex.dropFirst(2)) == nil)
    #expect(Digest(bytes: [1, 2]) == nil)
  }
}

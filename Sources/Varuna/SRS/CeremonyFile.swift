import Foundation

/// A file of Aleo's universal parameters, as snarkVM distributes it.
public struct CeremonyFile: Equatable, Sendable {
  /// Name without checksum, such as "powers-of-beta-16.usrs".
  public let name: String
  /// Size in bytes.
  public let size: Int
  /// SHA-256 as 64 hexadecimal digits.
  public let sha256: String

  /// Describes a file by its name, size and checksum.
  package init(name: String, size: Int, sha256: String) {
    self.name = name
    self.size = size
    self.sha256 = sha256
  }

  /// The name under which the parameter servers offer the file: with 7 digits of the checksum appended.
  public var remoteName: String { "\(name).\(sha256.prefix(7))" }

  /// Where Aleo's parameters are served.
  public static let defaultMirror = "https://parameters.aleo.org/mainnet"

  /// The smallest degree file, of 2^15 powers, and the largest one listed here.
  public static let degrees = 15...20

  /// beta H.
  public static let betaH = CeremonyFile(
    name: "beta-h.usrs", size: 192,
    sha256: "fd0a8538d4ad4f60694b5e81dec6687d8672480ea6b878205eef0c1bd51dc3bc")
  /// beta^(d - D) H.
  public static let negativePowers = CeremonyFile(
    name: "neg-powers-of-beta.usrs", size: 5_408,
    sha256: "ded57ae81c510f8fd50c8f3ec3387e8397ffdde71acfcc639ff1a2728a0848cd")
  /// Multiples of gamma G.
  public static let gammaPowers = CeremonyFile(
    name: "powers-of-beta-gamma.usrs", size: 8_744,
    sha256: "03fd7fc81234b014e1e260c797e9b716b5587429871026f17a455cd0938d8be1")

  /// The file whose last power is 2^degree - 1: it holds all powers for the smallest degree, otherwise the upper half.
  public static func powers(degree: Int) -> CeremonyFile {
    CeremonyFile(
      name: "powers-of-beta-\(degree).usrs", size: size(degree), sha256: powerChecksums[degree - 15]
    )
  }

  /// The file whose first power is D + 1 - 2^degree.
  public static func shiftedPowers(degree: Int) -> CeremonyFile {
    CeremonyFile(
      name: "shifted-powers-of-beta-\(degree).usrs", size: size(degree),
      sha256: shiftedChecksums[degree - 15])
  }

  /// Everything that 2^degree powers take.
  public static func all(degree: Int) -> [CeremonyFile] {
    precondition(degrees.contains(degree))
    return [betaH, negativePowers, gammaPowers]
      + (degrees.lowerBound...degree).flatMap { [powers(degree: $0), shiftedPowers(degree: $0)] }
  }

  private static func size(_ degree: Int) -> Int { 8 + 96 << max(15, degree - 1) }

  // SHA-256 from the metadata files of snarkVM's mainnet parameters.
  private static let powerChecksums = [
    "eb7040c25ce1a19a5a9a1d12046c5820ba9c2768c606290f8a80fa2bd0e1e5ed",
    "84631bc11e1a6db99db085a8de586014e7dd10e97b42cbd766c105dea014bbd1",
    "7c27308fddb11be496e4dd43ee4ae2adb31051b715bb7c0c48656a9be6fec676",
    "7a12bcb6de982aa3010dde16a7be73ec399a46717b37ea189112ef14f4c88cca",
    "e535d44614ef8e667ac39132cad61516dc4dcbce62d74c396b670b21c9b4e16a",
    "3daad5ed5b5b7108b46bf1d0639a0d6e06deee4c784730ec9672e8cf1184e923",
  ]
  private static let shiftedChecksums = [
    "7c732bfabee7ac5e4496ccd0db1ee11127adb453b3b6014e6230cb51aba7ed49",
    "d99bcb30361df496b60f2714305fee65068d199d22cafad3bde09e715e47d2b5",
    "20251789535c798606a205d04dea8a3a46a2c79e4e7f450e48a99285112bef6c",
    "9a1859e01968284239e3ca3e33246a6a1af35aee1ccc82990ff5af4c3b50cac4",
    "662e3437feba9da7d1206f4cfa9297c2835124a639c9f6c5ce3e0da81f55658c",
    "dbb509d0889c61f1b5f6e1cc3b3e8b7f9c9d4f7741efedcb3b76cf462d94e698",
  ]

  /// Reads the file from a directory, under its own or its remote name; throws unless size and checksum match.
  func read(from directory: URL) throws(VarunaError) -> [UInt8] {
    var path = directory.appendingPathComponent(name)
    if !FileManager.default.fileExists(atPath: path.path) {
      let remote = directory.appendingPathComponent(remoteName)
      if FileManager.default.fileExists(atPath: remote.path) { path = remote }
    }
    let bytes = try ParameterFile.read(path, limit: 1 << 30)
    try check(size: bytes.count)
    let found = SHA256.hex(bytes)
    guard found == sha256 else {
      throw .srsFileMismatch(file: name, expected: "SHA-256 \(sha256)", found: found)
    }
    return bytes
  }

  func check(size found: Int) throws(VarunaError) {
    guard found == size else {
      throw .srsFileMismatch(file: name, expected: "\(size) bytes", found: "\(found) bytes")
    }
  }

  /// Whether a directory holds the file, under either name; its content is not looked at.
  func exists(in directory: URL) -> Bool {
    [name, remoteName].contains {
      FileManager.default.fileExists(atPath: directory.appendingPathComponent($0).path)
    }
  }
}

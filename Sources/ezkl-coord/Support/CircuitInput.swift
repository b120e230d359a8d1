import Console
import Foundation
import R1CSImport
import Varuna

/// The bytes of a file that exists.
func readBytes(_ file: URL) throws -> [UInt8] {
  guard let bytes = try? Data(contentsOf: file) else {
    throw CommandFailure(.badInput, "'\(file.path)' cannot be read")
  }
  return Array(bytes)
}

/// An `.r1cs` file and the SHA-256 of its bytes.
func readCircuit(_ file: URL) throws -> (circuit: CircuitFile, digest: String) {
  let bytes = try readBytes(file)
  return (try CircuitFile(bytes, name: file.lastPathComponent), SHA256.hex(bytes))
}

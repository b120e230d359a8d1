import Foundation
import Profiling

/// Does what standard input says and answers with a line of JSON: the side that `compare/snarkvm.py` measures.
///
/// Commands are `index`, `prove` and `verify`, one a line; answers are `{"cpu": seconds, "wall": seconds}`. The circuits
/// are synthetic and have the shapes of the options.
enum Peer {
  private struct Answer: Encodable {
    var cpu: Double
    var wall: Double
  }

  static func run(_ parts: [ProofSession.Part], threads: Int) throws {
    let srs = ProofSession.parameters(for: parts, threads: threads)
    var session = ProofSession(parts, srs: srs, threads: threads)
    try session.index()
    while let command = readLine() {
      let usage = try ProcessUsage.measure {
        switch command {
        case "index": try session.index()
        case "prove": try session.prove()
        case "verify": try session.verify()
        default: throw UsageError(text: "unknown command '\(command)'")
        }
      }
      let answer = Answer(cpu: usage.cpuSeconds, wall: usage.wallSeconds)
      let line = try JSONEncoder().encode(answer) + Data("\n".utf8)
      FileHandle.standardOutput.write(line)
    }
  }
}

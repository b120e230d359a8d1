import Console
import Foundation
import Wire
import Worker

/// A worker for fault scenarios: the real one, but that it lies, is mute or slow in the rounds. Never installed.
let joinCommand = Command(
  "join", "Joins a coordinator and misbehaves.",
  positionals: [Positional("HOST:PORT", "the coordinator")],
  options: [
    .value("token-file", "FILE", "file with the join token"),
    .value("home", "DIR", "home folder", required: true),
    .value("name", "NAME", "what the operator sees"),
    .value("lie", "STEP", "answers this step of instance shares with zeros, 0: every step"),
    .value("lie-matrix", "STEP", "answers this step of matrix shares with zeros"),
    .value(
      "lie-key", "HOW",
      "instead of every verifying key: 'zeros', 'another' (one with two commitments exchanged)"),
    .value("delay", "TIME", "waits before every answer"),
    .flag("mute", "stays alive and never answers a step"),
  ]
) { arguments in
  let address = try Arguments.parsed(
    arguments.positionals[0], name: "HOST:PORT", as: "HOST:PORT", by: Endpoint.init(parsing:))
  var configuration = WorkerConfiguration(
    address: address,
    token: try arguments.string("token-file").map {
      try JoinToken(
        parsing: String(contentsOfFile: $0, encoding: .utf8).trimmingCharacters(
          in: .whitespacesAndNewlines))
    },
    home: arguments.string("home")!, name: arguments.string("name") ?? "misbehaving",
    threads: 1,
    log: { line in TextStream.standardOutput.write(line.message + "\n") })
  configuration.memory = MemoryBudget(machine: 1 << 30, group: nil, operatorLimit: nil)
  let steps = 0...255
  let lie = try arguments.int("lie", in: steps)
  let matrixLie = try arguments.int("lie-matrix", in: steps)
  let keyLie = arguments.string("lie-key")
  let delay = try arguments.duration("delay") ?? 0
  let isMute = arguments.has("mute")
  let daemon = try WorkerDaemon(configuration) { kind, step, payload in
    while isMute { sleep(3600) }
    if delay > 0 { sleep(UInt32(delay)) }
    let wanted: Int?
    switch kind {
    case .index: return keyLie.map { falseKey($0, instead: payload) } ?? payload
    case .instances: wanted = lie
    case .matrix: wanted = matrixLie
    }
    guard let wanted, wanted == 0 || wanted == Int(step) else { return payload }
    return [UInt8](repeating: 0, count: payload.count)
  }
  Interrupts.install { _ in daemon.drain() }
  try daemon.run()
  return .success
}

/// A verifying key that is none, or none of this circuit.
func falseKey(_ how: String, instead key: [UInt8]) -> [UInt8] {
  guard how == "another" else { return [UInt8](repeating: 0, count: key.count) }
  // The last 40 bytes are the circuit's id and the end; before them are points of 48 bytes each.
  var other = key
  let first = key.count - 40 - 2 * 48
  other.replaceSubrange(first..<first + 48, with: key[(first + 48)..<(first + 96)])
  other.replaceSubrange((first + 48)..<(first + 96), with: key[first..<first + 48])
  return other
}

let program = Program(
  name: "scenario-worker", summary: "A worker that misbehaves, for fault scenarios.",
  version: WorkerConfiguration.productVersion, commands: [joinCommand])

exit(program.main(Array(CommandLine.arguments.dropFirst())))

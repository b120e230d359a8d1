import Console
import Coordinator
import Foundation
import Varuna

private let nameOption = CommandOption.value("name", "NAME", "what to call them")

/// `srs generate`: development parameters from a seed.
let srsGenerateCommand = Command(
  "srs generate", "Makes development parameters from a seed. NOT SOUND: for demos and tests only.",
  options: [
    .value("degree", "LOG2", "the largest domain is 2^LOG2 (default: 16)"),
    .value("seed", "TEXT", "the seed (default: development)"), nameOption, .home, .json,
  ],
  notes: ["Everybody who knows the seed can forge proofs; 'verify' says so."],
  examples: [("srs generate --degree 16", "parameters named 'development'")],
  exitCodes: [.badInput, .resource]
) { arguments in
  try reporting {
    let degree = try arguments.int("degree", in: 4...22) ?? 16
    let seed = arguments.string("seed") ?? SRSLibrary.developmentSeed
    guard seed.utf8.count <= SRS.maximalSeedBytes else {
      throw UsageError.invalidValue(
        name: "--seed", value: "\(seed.prefix(16))…",
        expected: "a text of at most \(SRS.maximalSeedBytes) bytes")
    }
    let name = try parameterName(arguments, default: "development")
    let srs = SRS.development(
      seed: seed, degree: 1 << degree, threads: ProcessInfo.processInfo.activeProcessorCount)
    return try store(srs, name, arguments)
  }
}

/// `srs import`: Aleo's ceremony from snarkVM's files.
let srsImportCommand = Command(
  "srs import", "Imports Aleo's ceremony from snarkVM's .usrs files, checking every checksum.",
  positionals: [Positional("DIR", "the folder with the files")],
  options: [
    .value("degree", "LOG2", "take no more than this (default: all)"), nameOption, .home, .json,
  ],
  examples: [("srs import ~/.aleo/resources", "parameters named 'mainnet'")],
  exitCodes: [.badInput, .resource]
) { arguments in
  try reporting {
    let folder = URL(fileURLWithPath: arguments.positionals[0])
    let degree = try arguments.int("degree", in: 15...20)
    let name = try parameterName(arguments, default: "mainnet")
    let srs = try SRS(
      directory: folder, degree: degree, threads: ProcessInfo.processInfo.activeProcessorCount)
    return try store(srs, name, arguments)
  }
}

/// `srs fetch`: downloads the ceremony.
let srsFetchCommand = Command(
  "srs fetch",
  "Downloads Aleo's ceremony files, resumable and checksum-verified, and imports them.",
  options: [
    .value("degree", "LOG2", "the largest domain is 2^LOG2, 15 to 20 (default: 16)"),
    .value("mirror", "URL", "where from (default: \(CeremonyFile.defaultMirror))"), nameOption,
    .home,
    .json,
  ],
  examples: [("srs fetch --degree 17", "about 25 MB per doubling")],
  exitCodes: [.badInput, .unreachable, .resource]
) { arguments in
  try reporting {
    let degree = try arguments.int("degree", in: 15...20) ?? 16
    let text = arguments.string("mirror") ?? CeremonyFile.defaultMirror
    guard let mirror = URL(string: text), mirror.scheme != nil else {
      throw UsageError.invalidValue(name: "--mirror", value: text, expected: "a URL")
    }
    let name = try parameterName(arguments, default: "mainnet")
    let folder = HomeFolder(arguments.home).parameters.appendingPathComponent("ceremony")
    let display = ProgressDisplay(stream: .standardError, terminal: .detect(descriptor: 2))
    do throws(VarunaError) {
      try SRSDownload(mirror: mirror).fetch(CeremonyFile.all(degree: degree), into: folder) { at in
        display.show(
          ProgressState(
            stage: "fetching", fraction: Double(at.received) / Double(max(1, at.size)),
            detail: at.file))
      }
    } catch {
      display.finish()
      guard case .download = error else { throw error }
      throw CommandFailure(.unreachable, error.description, hint: "run it again to go on")
    }
    display.finish()
    let srs = try SRS(
      directory: folder, degree: degree, threads: ProcessInfo.processInfo.activeProcessorCount)
    return try store(srs, name, arguments)
  }
}

/// `srs list`: what is in the home folder.
let srsListCommand = Command(
  "srs list", "Lists the parameters in the home folder.", options: [.home, .json],
  examples: [("srs list", "names to use with submit --srs")], exitCodes: [.badInput]
) { arguments in
  try reporting {
    struct Entry: Encodable {
      let name: String
      let bytes: Int
    }
    let folder = HomeFolder(arguments.home).parameters
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    let entries = files.filter { $0.hasSuffix(".srs") }.sorted().map { file in
      let attributes = try? FileManager.default.attributesOfItem(
        atPath: folder.appendingPathComponent(file).path)
      return Entry(name: String(file.dropLast(4)), bytes: attributes?[.size] as? Int ?? 0)
    }
    if arguments.has("json") {
      try printJSON(entries)
      return .success
    }
    var table = Table([.text("name"), .number("size")])
    for entry in entries { table.add([entry.name, Human.bytes(entry.bytes)]) }
    printText(table.isEmpty ? "no parameters in \(folder.path)\n" : table.rendered())
    return .success
  }
}

private func parameterName(_ arguments: Arguments, default name: String) throws -> String {
  let name = arguments.string("name") ?? name
  guard SRSLibrary.isName(name) else {
    throw UsageError.invalidValue(
      name: "--name", value: name, expected: "a name of 1 to 64 letters, digits, '-' and '_'")
  }
  return name
}

private func store(_ srs: SRS, _ name: String, _ arguments: Arguments) throws -> ExitCode {
  struct Output: Encodable {
    let name: String
    let id: String
    let kind: String
    let powers: Int
    let file: String
  }
  let library = SRSLibrary(
    home: HomeFolder(arguments.home), threads: ProcessInfo.processInfo.activeProcessorCount)
  let file = try library.add(srs, as: name)
  if arguments.has("json") {
    try printJSON(
      Output(
        name: name, id: srs.id, kind: srs.kind.description, powers: srs.powerCount, file: file.path)
    )
  } else {
    printText("\(name): \(srs.kind), \(Human.grouped(srs.powerCount)) powers, id \(srs.id)\n")
    if !srs.kind.isSound { printText("WARNING: development parameters; proofs are NOT SOUND\n") }
  }
  return .success
}

import Console
import Foundation
import Testing

private let program = Program(
  name: "tool", summary: "Does things.", version: "1",
  commands: [
    Command(
      "serve", "Serves it's clients.",
      options: [
        .value("owner-jobs", "N", "jobs"), .value("tag", "WORD", "tags", repeated: true),
        .value("listen", "HOST", "where", required: true),
        .value("token", "TOKEN", "secret", secret: true), .json,
      ], notes: ["A back\\slash.", ".begins with a dot"], examples: [("serve --listen a", "go")],
      check: { arguments in _ = try arguments.int("owner-jobs", in: 1...10) }
    ) { _ in .success },
    Command("job", "Shows a job.", positionals: [Positional("ID", "which")]) { _ in .success },
    Command("job show", "Shows all of a job.", options: [.flag("events", "all")]) { _ in .success },
  ])

private func file(_ json: String) throws -> ConfigurationFile {
  try ConfigurationFile(json: Data(json.utf8), path: "f.json")
}

/// Options from the command line, the environment and a file, in this order.
@Suite struct ConfigurationTests {
  private static let serve = program.commands[0]

  @Test func foldersAndPipesAreNoConfiguration() throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let pipe = folder.appendingPathComponent("pipe").path
    try #require(mkfifo(pipe, 0o600) == 0)
    for path in [folder.path, pipe] {
      #expect(throws: CommandFailure.self) { _ = try ConfigurationFile(path: path) }
    }
  }

  private func parse(
    _ line: String, _ environment: [String: String] = [:], _ json: String = "{}"
  ) throws -> Arguments {
    try Arguments(
      parsing: line.split(separator: " ").map(String.init), for: Self.serve,
      defaults: OptionDefaults(environment: { environment[$0] }, file: file(json)))
  }

  @Test func theNearestSourceWins() throws {
    let json = #"{"serve": {"listen": "file", "owner-jobs": 3, "json": true, "tag": ["a", "b"]}}"#
    let variables = ["EZKL_SERVE_LISTEN": "variable", "EZKL_SERVE_OWNER_JOBS": "4"]
    var arguments = try parse("--listen line", variables, json)
    #expect(arguments.string("listen") == "line")
    #expect(arguments.sources["listen"] == .commandLine)
    #expect(try arguments.int("owner-jobs", in: 1...9) == 4)
    #expect(arguments.sources["owner-jobs"] == .environment("EZKL_SERVE_OWNER_JOBS"))
    #expect(arguments.has("json") && arguments.strings("tag") == ["a", "b"])
    #expect(arguments.sources["tag"] == .file("f.json"))
    // One on the command line replaces the whole list.
    arguments = try parse("--tag c", ["EZKL_SERVE_JSON": "0"], json)
    #expect(arguments.strings("tag") == ["c"] && !arguments.has("json"))
    // What the command cannot do without may come from anywhere.
    #expect(try parse("", ["EZKL_SERVE_LISTEN": "x"]).string("listen") == "x")
    #expect(throws: UsageError.missingOption("--listen HOST")) { try parse("") }
    #expect(throws: UsageError.self) { try parse("--listen x", ["EZKL_SERVE_JSON": "maybe"]) }
  }

  @Test func secretsComeFromNoFileAndNoVariableOfTheirOption() throws {
    let arguments = try parse(
      "--listen x", ["EZKL_SERVE_TOKEN": "t"], #"{"serve": {"token": "t"}}"#)
    #expect(arguments.string("token") == nil)
  }

  @Test func aVariableWithAMeaningOfItsOwnSetsNoOption() throws {
    let command = Command("token", "Makes one.", options: [.value("file", "FILE", "where")]) { _ in
      .success
    }
    let defaults = OptionDefaults(environment: { _ in "x" })
    #expect(try Arguments(parsing: [], for: command, defaults: defaults).string("file") == nil)
    #expect(ReservedVariables.all.contains("EZKL_TOKEN_FILE"))
  }

  @Test(arguments: [
    (#"{"srve": {}}"#, "did you mean 'serve'?"),
    (#"{"serve": {"ownerjobs": 3}}"#, "did you mean 'owner-jobs'?"),
    (#"{"serve": {"owner-jobs": true}}"#, "serve.owner-jobs: a value is needed"),
    (#"{"serve": {"json": "yes"}}"#, "serve.json: true or false is needed"),
    (#"{"serve": {"listen": ["a"]}}"#, "serve.listen: takes one value"),
    (#"{"serve": {"token": "t"}}"#, "secret"),
  ])
  func faultsAreNamed(_ json: String, _ words: String) throws {
    let faults = try file(json).faults(in: program.commands)
    #expect(faults.count == 1 && faults[0].contains(words), "\(faults)")
  }

  @Test(arguments: ["", "[]", "3", #"{"serve": 3}"#, #"{"serve": {"listen": {}}}"#, "{\"serve\""])
  func whatIsNoConfigurationIsRefused(_ json: String) {
    #expect(throws: CommandFailure.self) { try file(json) }
  }

  /// The whole program: `--config` before and after the command, its variable, and a broken file.
  @Test func theProgramFindsItsFile() throws {
    let path = FileManager.default.temporaryDirectory
      .appendingPathComponent("configuration-\(UInt64.random(in: 0 ... .max)).json").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    func listen(_ line: String, _ variables: [String: String] = [:]) throws -> String? {
      let words = line.split(separator: " ").map(String.init)
      let request = try program.understand(words, environment: { variables[$0] })
      guard case .run(_, let arguments) = request else { return nil }
      return arguments.string("listen")
    }
    try Data(#"{"serve": {"listen": "file"}}"#.utf8).write(to: URL(fileURLWithPath: path))
    #expect(try listen("--config \(path) serve") == "file")
    #expect(try listen("serve --config=\(path)") == "file")
    #expect(try listen("serve", ["TOOL_CONFIG": path]) == "file")
    #expect(throws: UsageError.repeatedOption("--config")) {
      try listen("serve --config \(path) --config \(path)")
    }
    // Who means what he types is changed by nothing else.
    let around = ["TOOL_CONFIG": path, "EZKL_SERVE_LISTEN": "variable"]
    #expect(try listen("serve --listen line --no-config", around) == "line")
    #expect(throws: UsageError.missingOption("--listen HOST")) {
      try listen("--no-config serve", around)
    }
    #expect(throws: UsageError.conflict("--config", "--no-config")) {
      try listen("serve --no-config --config \(path)")
    }
    #expect(throws: UsageError.repeatedOption("--no-config")) {
      try listen("serve --no-config --no-config")
    }
    try Data(#"{"serve": {"lsten": "file"}}"#.utf8).write(to: URL(fileURLWithPath: path))
    #expect(throws: CommandFailure.self) { try listen("serve --config \(path)") }
    #expect(throws: CommandFailure.self) { try listen("serve --config \(path).missing") }
    let output = TextStream(descriptor: nil)
    #expect(
      program.main(
        ["serve", "--help", "--config", path], output: output, environment: { _ in nil })
        == 0)
  }
}

/// Completion scripts and manual pages say what the declarations say.
@Suite struct ManualTests {
  private func complete(_ line: String) throws -> [String] {
    let script = """
      \(program.completion(for: .bash))
      compopt() { :; }
      COMP_WORDS=(\(line)); COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
      _tool; printf '%s\\n' "${COMPREPLY[@]}"
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/bash")
    process.arguments = ["-c", script]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let text = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    return text.split(separator: "\n").map(String.init)
  }

  @Test func bashCompletes() throws {
    #expect(try complete("tool s") == ["serve"])
    #expect(try complete("tool job ''") == ["show"])
    #expect(try complete("tool job show --e") == ["--events"])
    #expect(try complete("tool serve --own") == ["--owner-jobs"])
    #expect(try complete("tool serve --listen a --tag b --js") == ["--json"])
    #expect(try complete("tool config ''") == ["check", "print"])
  }

  @Test(arguments: CompletionShell.allCases)
  func everyCommandAndOptionIsThere(_ shell: CompletionShell) {
    let script = program.completion(for: shell)
    for command in program.commands {
      for word in command.path { #expect(script.contains(word)) }
      for option in command.options { #expect(script.contains(option.name), "\(option.name)") }
    }
  }

  @Test func everyCommandHasAPage() throws {
    let pages = program.manual
    #expect(
      pages.map(\.file).prefix(4) == ["tool.1", "tool-serve.1", "tool-job.1", "tool-job-show.1"])
    let page = try #require(pages.first { $0.file == "tool-serve.1" }).text
    for words in [
      ".TH \"TOOL\\-SERVE\" 1", ".B \\-\\-owner\\-jobs N", "A back\\eslash.",
      "\\&.begins with a dot", ".SH \"EXIT STATUS\"",
    ] {
      #expect(page.contains(words), "\(words)")
    }
  }
}

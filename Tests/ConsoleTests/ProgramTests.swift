import Testing

import Console

private let program = Program(
  name: "tool", summary: "Does things.", version: "1.2.3",
  commands: [
    Command(
      "verify", "Checks a proof.", positionals: [Positional("PROOF", "the document")],
      options: [.json, .flag("secret-switch", "unseen", hidden: true)],
      notes: ["A note that explains."], examples: [("verify proof.json", "check it")],
      exitCodes: [.failed, .badInput]
    ) { arguments in
      switch arguments.positionals[0] {
      case "good": return .success
      case "bad": throw CommandFailure(.badInput, "cannot\nread", hint: "look again")
      default: return .failed
      }
    },
    Command("token create", "Makes a token.") { _ in .success },
    Command("token list", "Lists tokens.") { _ in .success },
  ])

private func run(_ line: String) -> (status: Int32, output: String, errors: String) {
  let output = TextStream(descriptor: nil)
  let errors = TextStream(descriptor: nil)
  let words = line.split(separator: " ").map(String.init)
  let status = program.main(words, output: output, errors: errors)
  return (status, output.text, errors.text)
}

@Suite struct ProgramTests {
  @Test(
    arguments: [("verify good", 0), ("verify other", 1), ("token list", 0)] as [(String, Int32)])
  func exitsWithTheCommandsCode(_ line: String, _ status: Int32) {
    let result = run(line)
    #expect(result.status == status)
    #expect(result.errors.isEmpty)
  }

  @Test func aFailureIsOneLineAndAHint() {
    let result = run("verify bad")
    #expect(result.status == 3)
    #expect(result.errors == "tool: cannot read\n  look again\n")
    #expect(result.output.isEmpty)
  }

  @Test(arguments: [
    ("", "no command given"), ("verfy x", "did you mean 'verify'?"), ("verify", "missing argument"),
    ("token", "one of: create, list"), ("token creat", "did you mean 'token create'?"),
    ("verify x --jsn", "did you mean '--json'?"), ("token --zzz", "needs one of"),
  ])
  func usageErrorsExitWithTwoAndAHint(_ line: String, _ part: String) {
    let result = run(line)
    #expect(result.status == 2)
    #expect(result.errors.contains(part), "\(result.errors)")
    #expect(result.errors.contains("--help"))
  }

  @Test(arguments: ["--help", "-h", "help"])
  func overviewNamesEveryCommand(_ line: String) {
    let result = run(line)
    #expect(result.status == 0)
    for name in ["verify", "token create", "token list"] { #expect(result.output.contains(name)) }
  }

  @Test(arguments: ["verify --help", "help verify", "verify x -h"])
  func helpHasUsageExamplesAndExitCodes(_ line: String) {
    let help = run(line)
    #expect(help.status == 0)
    #expect(help.output.contains("Usage: tool verify PROOF [OPTIONS]"))
    #expect(help.output.contains("tool verify proof.json"))
    #expect(help.output.contains("A note that explains."))
    for code in ["0  done", "1  ", "2  ", "3  "] { #expect(help.output.contains(code)) }
    #expect(!help.output.contains("secret-switch"))
  }

  @Test func versionAndGroupHelp() {
    #expect(run("--version").output == "tool 1.2.3\n")
    #expect(run("token --help").output.contains("token create"))
  }
}

import Console
import Foundation
import TestSupport
import Testing

/// Names of environment variables: what sets an option sets nothing else, and the other way round.
@Suite struct VariableTests {
  private let folder: Folder

  init() throws { folder = try Folder() }

  /// The variables that set options of a program, as its completion lists the options.
  private func variables(of program: Executable) throws -> [String] {
    let run = try Running(program, ["completion", "bash"], logs: folder.url)
    #expect(try run.status() == 0)
    let lines = run.text.matches(of: /'([a-z0-9 -]+)' \| '[^']*'\*\) options='([^']*)'/)
    #expect(!lines.isEmpty)
    return lines.flatMap { line in
      let command = line.output.1.split(separator: " ").joined(separator: "_")
      return line.output.2.split(separator: " ").filter { $0 != "--help" }.map {
        "EZKL_\(command)_\($0.dropFirst(2))".uppercased().replacing("-", with: "_")
      }
    }
  }

  /// Every name of that form in the repository.
  private func mentioned() throws -> [String: String] {
    var found: [String: String] = [:]
    for name in [
      "Sources", "Tests", "cluster", "scripts", "clients", "examples", "docs", "Benchmarks", ".ci",
      "Makefile", "README.md", "CONTRIBUTING.md",
    ] {
      let root = packageRoot.appendingPathComponent(name)
      let entries = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
      for case let url as URL in [root] + (entries.map { Array($0) } ?? []) {
        // Tests of options name variables that set none.
        guard url.lastPathComponent != "ConfigurationTests.swift",
          let text = try? String(contentsOf: url, encoding: .utf8)
        else { continue }
        for match in text.matches(of: /\bEZKL_[A-Z0-9_]*[A-Z0-9]\b/) {
          found[String(match.output)] = url.path
        }
      }
    }
    return found
  }

  @Test func noVariableMeansTwoThings() throws {
    var options: Set<String> = []
    for program in [Executable.coordinator, .worker] {
      let own = try variables(of: program)
      #expect(own.count == Set(own).count, "two options of \(program) have one variable")
      options.formUnion(own)
    }
    // The program's own commands have no options by variables.
    #expect(options.contains("EZKL_SERVE_OWNER_JOBS") && options.contains("EZKL_JOIN_THREADS"))
    #expect(options.isDisjoint(with: ReservedVariables.all))
    for (name, path) in try mentioned() where !options.contains(name) {
      #expect(ReservedVariables.all.contains(name), "\(name) in \(path) is neither")
    }
  }
}

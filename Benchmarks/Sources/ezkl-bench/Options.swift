import Foundation

/// Why the command line cannot be used.
struct UsageError: Error {
  var text: String
}

/// The command line.
struct Options {
  var json: String?
  var threads = ProcessInfo.processInfo.activeProcessorCount
  var logSizes = [12, 14, 16]
  var help = false

  static let usage = """
    usage: ezkl-bench [--json FILE] [--threads N] [--sizes 12,14,16]

      --json FILE    also write the results as JSON
      --threads N    width of every parallel kernel (default: all cores)
      --sizes LIST   log2 of constraints, points and domain sizes, each in 4...20
    """

  init(_ arguments: [String]) throws(UsageError) {
    var rest = arguments[...]
    func value(of option: String) throws(UsageError) -> String {
      guard let value = rest.popFirst() else { throw UsageError(text: "\(option) needs a value") }
      return value
    }
    while let argument = rest.popFirst() {
      switch argument {
      case "--json": json = try value(of: argument)
      case "--threads":
        guard let number = Int(try value(of: argument)), (1...256).contains(number) else {
          throw UsageError(text: "--threads takes a number in 1...256")
        }
        threads = number
      case "--sizes":
        let sizes = try value(of: argument).split(separator: ",").map { Int($0) }
        guard !sizes.isEmpty, sizes.allSatisfy({ $0.map((4...20).contains) ?? false }) else {
          throw UsageError(text: "--sizes takes numbers in 4...20 separated by commas")
        }
        logSizes = sizes.compactMap { $0 }
      case "--help", "-h": help = true
      default: throw UsageError(text: "unknown argument '\(argument)'")
      }
    }
  }
}

import Foundation

/// Measured times with what they are of.
struct Report: Encodable {
  /// One measured operation.
  struct Row: Encodable {
    var group: String
    var name: String
    /// log2 of the size, absent for single operations.
    var logSize: Int?
    /// Median seconds of one run; absent for ratios and counts.
    var seconds: Double?
    /// A ratio or a count.
    var value: Double?
    var runs: Int
  }

  var threads: Int
  var rows: [Row] = []

  init(threads: Int) { self.threads = threads }

  /// Measures the median of several runs after one that is not counted, and returns it.
  @discardableResult
  mutating func measure(
    _ group: String, _ name: String, logSize: Int? = nil, runs: Int, per count: Int = 1,
    _ body: () throws -> Void
  ) rethrows -> Double {
    let clock = ContinuousClock()
    try body()
    var times: [Double] = []
    for _ in 0..<runs {
      let time = try clock.measure(body)
      let (seconds, attoseconds) = time.components
      times.append((Double(seconds) + Double(attoseconds) * 1e-18) / Double(count))
    }
    let median = times.sorted()[runs / 2]
    add(group, name, logSize: logSize, seconds: median, runs: runs)
    return median
  }

  /// Adds a time measured elsewhere.
  mutating func add(_ group: String, _ name: String, logSize: Int?, seconds: Double, runs: Int) {
    rows.append(Row(group: group, name: name, logSize: logSize, seconds: seconds, runs: runs))
  }

  /// Adds a number without a unit.
  mutating func addRatio(_ group: String, _ name: String, logSize: Int?, _ value: Double) {
    rows.append(Row(group: group, name: name, logSize: logSize, value: value, runs: 1))
  }

  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  func printTable() {
    print("threads: \(threads)\n")
    let names = rows.map { "\($0.group): \($0.name)" }
    let width = names.map(\.count).max() ?? 0
    for (row, name) in zip(rows, names) {
      let size = row.logSize.map { "2^\($0)" } ?? ""
      print(
        name.padding(toLength: width, withPad: " ", startingAt: 0),
        size.padding(toLength: 6, withPad: " ", startingAt: 0),
        row.seconds.map(Self.format) ?? String(format: "%8.2f", row.value ?? 0))
    }
  }

  private static func format(_ seconds: Double) -> String {
    switch seconds {
    case ..<1e-6: String(format: "%8.1f ns", seconds * 1e9)
    case ..<1e-3: String(format: "%8.1f us", seconds * 1e6)
    case ..<1: String(format: "%8.1f ms", seconds * 1e3)
    default: String(format: "%8.2f s", seconds)
    }
  }
}

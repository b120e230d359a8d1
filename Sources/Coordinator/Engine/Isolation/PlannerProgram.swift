import Foundation

/// Finds the program that plans in a process of its own.
enum PlannerProgram {
  private static let name = "ezkl-coord"

  /// The given program; else this one, where it is the coordinator's; else the one beside it.
  static func find(_ given: URL?) throws(CoordinatorError) -> String {
    if let given { return try executable(given.path) }
    let own =
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
      ?? CommandLine.arguments[0]
    let url = URL(fileURLWithPath: own)
    // The file may have been replaced since this process began: the kernel still has the one that runs.
    if url.lastPathComponent.hasPrefix(name) { return "/proc/self/exe" }
    return try executable(url.deletingLastPathComponent().appendingPathComponent(name).path)
  }

  private static func executable(_ path: String) throws(CoordinatorError) -> String {
    guard FileManager.default.isExecutableFile(atPath: path) else {
      throw .process(name: path, reason: "is not there or not executable; planning needs it")
    }
    return path
  }
}

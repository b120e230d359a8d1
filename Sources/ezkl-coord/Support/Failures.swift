import Aleo
import AleoEZKL
import Console
import Coordinator
import Foundation
import ProofAggregation
import R1CSImport
import Varuna

/// Runs a command's body and turns the libraries' errors into a line, a hint and an exit code.
///
/// An error about one of `files` names its path.
func reporting<T>(_ files: [JobFile: String?] = [:], _ body: () throws -> T) throws -> T {
  do {
    return try body()
  } catch let error as CoordinatorError {
    if let (file, reason) = error.blame, let path = files[file] ?? nil {
      throw CommandFailure(.badInput, "\(path): \(reason)")
    }
    throw CommandFailure(error.exitCode, error.description, hint: error.hint)
  } catch let error as RunError {
    return try reporting(files) { throw CoordinatorError(error) }
  } catch let error as VarunaError {
    throw CommandFailure(.badInput, error.description)
  } catch let error as ShareError {
    throw CommandFailure(.badInput, error.description)
  } catch let error as DocumentError {
    throw CommandFailure(.badInput, error.description)
  } catch let error as AleoError {
    throw CommandFailure(.badInput, error.description)
  } catch let error as ImportError {
    throw CommandFailure(.badInput, error.description)
  }
}

extension CoordinatorError {
  /// The exit code that a command ends with.
  var exitCode: ExitCode {
    switch self {
    case .badAddress: .usage
    case .badJob, .badFile, .file, .cannotListen, .unknownJob, .unknownWorker, .unknownToken,
      .unknownClient, .badRequest,
      .unknownSRS:
      .badInput
    case .unreachable: .unreachable
    case .refused(let code, _): Self.exitCode(ofRefusal: code)
    case .diskFull, .noRoomForUploads, .srsTooSmall, .homeInUse: .resource
    case .jobCancelled: .cancelled
    case .jobFailed(_, _, let code?) where Self.resources.contains(code): .resource
    case .jobFailed(_, _, let code?) where Self.userFaults.contains(code): .badInput
    default: .failed
    }
  }

  /// Codes of failures that more disk, memory or powers of tau would have prevented.
  private static let resources: Set<String> = ["disk_full", "memory", "srs_too_small"]

  /// Codes of failures that are about the job's own files and options.
  private static let userFaults: Set<String> = [
    "bad_job", "bad_model", "bad_input", "bad_calibration", "unknown_srs",
  ]

  /// Refusals of a request carry the code of the error at the coordinator; others are about the connection.
  private static func exitCode(ofRefusal code: String) -> ExitCode {
    switch code {
    case "bad_job", "bad_model", "bad_input", "bad_calibration", "unknown_job", "unknown_worker",
      "unknown_token", "unknown_client", "bad_request", "unknown_srs", "file":
      .badInput
    case "disk_full", "srs_too_small": .resource
    case "job_failed", "job_not_finished", "database", "artifact", "protocol", "planner",
      "too_many":
      .failed
    case "job_cancelled": .cancelled
    default: .unreachable
    }
  }

  /// What the user can do about it.
  var hint: String? {
    switch self {
    case .unreachable: "is it running? start one with 'ezkl-coord serve'"
    case .unknownSRS, .srsTooSmall, .refused("unknown_srs", _), .refused("srs_too_small", _):
      "make or import parameters with 'ezkl-coord srs generate|import|fetch'"
    default: nil
    }
  }
}

extension ExitCode {
  /// The codes of commands that talk to a coordinator.
  static let ofClients: [ExitCode] = [.badInput, .unreachable]
}

/// A local file that has to be there; the error names the option it was given to.
func existingFile(_ path: String, _ what: String) throws -> URL {
  var isFolder: ObjCBool = false
  guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
    throw CommandFailure(.badInput, "\(what): there is no file '\(path)'")
  }
  guard !isFolder.boolValue, FileManager.default.isReadableFile(atPath: path) else {
    throw CommandFailure(.badInput, "\(what): '\(path)' cannot be read")
  }
  return URL(fileURLWithPath: path)
}

/// Checks before long work that its result can be written.
func checkWritable(_ path: String) throws {
  let file = URL(fileURLWithPath: path)
  var isFolder: ObjCBool = false
  let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
  let folder = file.deletingLastPathComponent().path
  guard !(isThere && isFolder.boolValue), FileManager.default.isWritableFile(atPath: folder) else {
    throw CommandFailure(.badInput, "--out: '\(path)' cannot be written")
  }
}

/// Writes a file whole or not at all.
func writeAtomically(_ data: Data, to path: String) throws {
  do {
    try data.write(to: URL(fileURLWithPath: path), options: .atomic)
  } catch let error as CocoaError where error.code == .fileWriteOutOfSpace {
    throw CommandFailure(.resource, "no space left to write '\(path)'")
  } catch {
    throw CommandFailure(.badInput, "'\(path)' cannot be written")
  }
}

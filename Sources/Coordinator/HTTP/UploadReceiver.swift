import HTTP
import Wire

/// A body that nobody needs, read because its sender would not see an answer before its end.
final class IgnoredBody: HTTPBodyReceiver {
  private let answer: () -> HTTPResponse

  init(answer: @escaping () -> HTTPResponse) { self.answer = answer }

  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool { true }

  func finish() -> HTTPResponse { answer() }
}

/// The bytes of one artifact on their way over HTTP, written as they come and verified at the end.
final class UploadReceiver: HTTPBodyReceiver {
  private let digest: Digest
  private let total: UInt64
  private let transfer: ArtifactTransfer
  private let room: UploadLedger.Room
  private let finishCall: (Result<Void, CoordinatorError>) -> HTTPResponse
  private var place: UInt64 = 0
  private var failure: CoordinatorError?
  private var isComplete = false

  /// Sets room aside and begins; what an earlier attempt left is gone on with, its bytes sent again are skipped.
  ///
  /// - Throws: `tooMany` where the member's jobs and uploads have as many bytes as they may, `diskFull`.
  init(
    _ digest: Digest, bytes total: UInt64, of member: String, core: Core,
    finish: @escaping (Result<Void, CoordinatorError>) -> HTTPResponse
  ) throws(CoordinatorError) {
    self.digest = digest
    self.total = total
    room = try core.uploads.makeRoom(for: digest, bytes: total, of: member)
    do {
      transfer = try core.artifacts.transfer(digest, of: member)
    } catch {
      throw CoordinatorError(error)
    }
    _ = transfer.start()
    finishCall = finish
  }

  func receive(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if failure != nil { return false }
    let known = transfer.progress.received
    let skipped = Int(min(UInt64(bytes.count), known > place ? known - place : 0))
    place += UInt64(bytes.count)
    if skipped < bytes.count { take(Array(bytes.dropFirst(skipped))) }
    return failure == nil
  }

  func finish() -> HTTPResponse {
    // Nothing came, or all of it was here already.
    if failure == nil, !isComplete { take([]) }
    if failure == nil, !isComplete {
      failure = .badRequest("the body ended before its announced length")
    }
    return finishCall(failure.map { .failure($0) } ?? .success(()))
  }

  private func take(_ bytes: [UInt8]) {
    do {
      isComplete =
        try transfer.receive(
          offset: transfer.progress.received, total: total, bytes: bytes) == .complete
    } catch .digestMismatch {
      failure = .artifact(
        digest: digest.hex, reason: "the bytes that were sent have another digest; send them again")
    } catch {
      failure = CoordinatorError(error)
    }
  }
}

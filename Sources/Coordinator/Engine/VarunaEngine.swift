import Wire
/// temp
struct VarunaEngine: JobEngine {
  let home: HomeFolder
  let artifacts: ArtifactStore
  let threads: Int
  func check(_ request: JobRequest) throws(CoordinatorError) { throw .badJob("") }
  func prepare(
    _ request: JobRequest, workers: Int, progress: @Sendable (String) -> Void
  ) throws(CoordinatorError) -> any PreparedJob { throw .badJob("") }
  func plan(_ request: JobRequest, workers: Int) throws(CoordinatorError) -> String {
    throw .badJob("")
  }
}

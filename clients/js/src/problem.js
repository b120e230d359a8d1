import {
  BadArtifact, BadCalibration, BadInput, BadJob, BadModel, BadParameters, BadRequest, Conflict, CoordinatorFailed,
  DiskFull, JobCancelled, JobFailed, JobNotFinished, KeyTaken, NotAllowed, NotFound, PlanningFailed, Problem, TooLong,
  TooMany, Unacceptable, Unauthenticated, Unavailable, UnderWay, UnknownJob, UnknownWorker, WorkerConnected,
} from './errors.js'

const byCode = new Map(Object.entries({
  bad_request: BadRequest, unauthenticated: Unauthenticated, not_allowed: NotAllowed, unknown_job: UnknownJob,
  unknown_worker: UnknownWorker, under_way: UnderWay, job_not_finished: JobNotFinished, job_failed: JobFailed,
  job_cancelled: JobCancelled, worker_connected: WorkerConnected, key_taken: KeyTaken, bad_job: BadJob, bad_model: BadModel,
  bad_input: BadInput, bad_calibration: BadCalibration, unknown_srs: BadParameters, srs_too_small: BadParameters,
  planner: PlanningFailed, disk_full: DiskFull,
}))

const byStatus = new Map(Object.entries({
  400: BadRequest, 401: Unauthenticated, 403: NotAllowed, 404: NotFound, 409: Conflict, 413: TooLong, 422: Unacceptable,
  429: TooMany, 502: Unavailable, 503: Unavailable, 504: Unavailable, 507: DiskFull,
}))

/** The error of an answer: by its problem document, or by its status where a proxy answered. */
export function problem(status, text, retryAfter) {
  let document
  try {
    document = JSON.parse(text)
  } catch { /* a proxy's page */ }
  if (document === null || typeof document !== 'object' || Array.isArray(document)) document = {}
  const said = (name) => (typeof document[name] === 'string' ? document[name] : '')
  const code = said('code')
  let Kind = byCode.get(code) ?? byStatus.get(String(status)) ?? (status >= 500 ? CoordinatorFailed : Problem)
  if (code === 'artifact' && status === 422) Kind = BadArtifact
  return new Kind({ detail: said('detail') || `HTTP status ${status}`, code, status, title: said('title'), retryAfter })
}

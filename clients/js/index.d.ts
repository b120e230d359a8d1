/** A file: a `Blob` or `File`, its bytes, or, for inputs, what the file would hold: an object, or the list of `input_data`. */
export type Content = Blob | ArrayBuffer | ArrayBufferView | readonly unknown[] | { readonly [name: string]: unknown }
/** Something with an id, or the id. */
export type Reference = string | { readonly id: string }
export type Stage = 'submitted' | 'planning' | 'indexing' | 'proving' | 'verifying' | 'done' | 'failed' | 'cancelled'
export type Role = 'worker' | 'viewer' | 'client' | 'operator' | 'admin'
export type Visibility = 'public' | 'hashed' | 'private'

/** The options of `ezkl-coord submit`; what is left out is the standard. */
export interface Options {
  inputVisibility?: Visibility
  outputVisibility?: Visibility
  parameterVisibility?: 'fixed' | 'hashed' | 'private' | null
  parameterSalt?: 'job' | 'model' | null
  aggregation?: 'batch' | 'none'
  workers?: number | null
  memory?: number | null
  varunaVersion?: 2 | 3 | null
  target?: 'aleo-mainnet' | 'aleo-testnet' | null
  srs?: string
  activationBits?: number | null
  weightBits?: number | null
  tolerance?: number | null
  anyAccuracy?: boolean | null
  replan?: boolean | null
  inputs?: { shapes?: Record<string, number[]>; fixed?: Record<string, number[]>; sample?: number | null } | null
  limits?: { constraints?: number | null; variables?: number | null; nonzeros?: number | null }
  priority?: 'low' | 'normal' | 'high' | null
  deadline?: number | null
  webhook?: string | null
  only?: string[] | null
  freshKeys?: boolean | null
  trace?: boolean | null
}

/** What is to be planned or proven. `calibration` is more inputs to choose the quantisation from, or settings. */
export interface Order {
  model: Content
  input: Content
  calibration?: Content | null
  name?: string
  options?: Options
}

export interface Upload { digest: string; bytes: number }
export interface WorkerProgress { name: string; tasks: number; bytesSent: number; bytesReceived: number }
/** `done` of `total` units of the step are finished; `total` is 0 where it has none. */
export interface Progress {
  job: string
  stage: Stage
  step: string
  done: number
  total: number
  groupsDone: number
  groups: number
  chunks: number
  /** Of more than 32, those with most tasks of the job. */
  workers: WorkerProgress[]
  /** The others; absent where all are named. */
  others?: { count: number; tasks: number }
  elapsed: number
  notice?: string
  remaining?: number
}
export interface Attempt {
  task: number
  work: string
  worker: string
  workerID: string
  isReplay: boolean
  began: number
  ended?: number
  outcome?: string
}
/** A job; `failure` is the code and `detail` the reason where it failed. Times are seconds since 1970. */
export interface Job {
  id: string
  model: string
  stage: Stage
  detail: string
  owner: string
  submitted: number
  updated: number
  options: Options
  dropped: string[]
  failure?: string
  progress?: Progress
  attempts?: Attempt[]
}
/** `progress`, `end` (of a job), or `gap`: events were lost, read the lists again. */
export interface Event { name: string; id: string; progress?: Progress; job?: Job }
export interface WorkerRecord {
  answers: number
  failures: number
  stalls: number
  losses: number
  lies: number
  speed?: number
  believedMemory?: number
  lastTrouble?: string
  reason?: string
  until?: number
}
export interface Worker {
  id: string
  name: string
  state: 'live' | 'resting' | 'probation' | 'draining' | 'cordoned' | 'quarantined' | 'revoked' | 'away'
  threads: number
  memoryBytes: number
  tasks: number
  lastSeen: number
  record?: WorkerRecord
}
export interface Cluster {
  version: string
  uptime: number
  workers: Record<string, number>
  jobs: Record<string, number>
  threads: number
  memoryBytes: number
  heldBytes: number
  tasksHeld: number
  tasksWaiting: number
  artifactBytes: number
}
export interface Identity { id: string; name: string; role: Role }
export interface AuditEntry {
  number: number
  time: number
  member: string
  name: string
  role: string
  address: string
  action: string
  subject: string
  outcome: string
}
/** The plan's report, as `ezkl-coord plan --json` prints it. */
export type Plan = { [member: string]: unknown }
/** A proof document, byte for byte, its SHA-256, and its members: claims until `verify` has accepted them. */
export interface Proof { bytes: Uint8Array; digest: string; document: { [member: string]: any } }

export interface Abortable { signal?: AbortSignal }
export interface Waiting extends Abortable {
  /** Seconds after which `WaitTimeout` is thrown; the job goes on. */
  timeout?: number
  onProgress?: (progress: Progress) => void
}

export interface RetryOptions {
  /** Tries in all; 6 unless given. */
  attempts?: number
  /** Seconds that the pauses grow from; 0.5 unless given. */
  base?: number
  /** The longest pause; 20 s unless given. */
  cap?: number
  /** The longest `Retry-After` that is waited for; 120 s unless given. */
  patience?: number
  random?: () => number
}
/** Exponential back-off with full jitter. */
export class Retry {
  constructor(options?: RetryOptions)
  pause(attempt: number, after?: number): number | undefined
}

export interface ClientOptions {
  /** Unless given, the environment's `EZKL_TOKEN`. */
  token?: string
  retry?: Retry | RetryOptions
  /** Seconds that an answer may take; 60 unless given. Plans and uploads have longer. */
  timeout?: number
  /** Whether the token may go over `http://` beyond this machine. */
  plain?: boolean
  /** Another `fetch`, such as one with certificates or proxies of its own. */
  fetch?: typeof fetch
}

/** A coordinator over HTTP, for one token. */
export class Client {
  constructor(url: string | URL, options?: ClientOptions)
  readonly url: string

  /** Sends a file, unless it is there. */
  upload(content: Content, options?: Abortable): Promise<Upload>
  /** What would be proven, and what it costs. */
  plan(order: Order, options?: Abortable): Promise<Plan>
  /** Has a model proven. The same `key` within a day gives the same job; it is random unless given. */
  submit(order: Order, options?: Abortable & { key?: string }): Promise<Job>
  /** Waits until a job is done; throws `JobFailed`, `JobCancelled` or `WaitTimeout`. */
  wait(job: Reference, options?: Waiting): Promise<Job>
  /** Submits, waits, and fetches the proof. */
  prove(order: Order, options?: Waiting & { key?: string }): Promise<Proof>
  /** The proof document of a job that is done; its digest was compared. */
  proof(job: Reference, options?: Abortable): Promise<Proof>

  /** A job as it is now; with `attempts`, its whole history. */
  job(job: Reference, options?: Abortable & { attempts?: boolean }): Promise<Job>
  /** Jobs, newest first; a page at a time is fetched. */
  jobs(options?: Abortable & { stage?: Stage | Stage[]; owner?: string; model?: string; page?: number }): AsyncGenerator<Job, void, void>
  /** The plan of a job. */
  jobPlan(job: Reference, options?: Abortable): Promise<Plan>
  /** What happens: to a job until its end, or to all that the token sees. A lost connection is taken up where it was. */
  events(job?: Reference, options?: Abortable & { lastEventId?: string; timeout?: number }): AsyncGenerator<Event, void, void>
  /** Ends a job. */
  cancel(job: Reference, options?: Abortable): Promise<void>
  /** Removes what is kept of a job that has ended. */
  delete(job: Reference, options?: Abortable): Promise<void>

  /** Whose token this is. */
  self(options?: Abortable): Promise<Identity>
  /** What there is and what it does. */
  cluster(options?: Abortable): Promise<Cluster>
  /** All workers that ever joined. */
  workers(options?: Abortable): Promise<Worker[]>
  /** One worker. */
  worker(worker: Reference, options?: Abortable): Promise<Worker>
  /** Gives a worker nothing new. */
  cordon(worker: Reference, options?: Abortable & { reason?: string }): Promise<void>
  /** Trusts a worker again. */
  uncordon(worker: Reference, options?: Abortable): Promise<void>
  /** Lets a worker finish what it holds and leave; after `deadline` seconds the rest goes elsewhere. */
  drain(worker: Reference, options?: Abortable & { deadline?: number }): Promise<void>
  /** Who did what, newest first. */
  audit(options?: Abortable & { page?: number }): AsyncGenerator<AuditEntry, void, void>
}

export class EzklError extends Error {}
export class ConnectionLost extends EzklError {}
export class WaitTimeout extends EzklError {}
export class BadAnswer extends EzklError {}
export class ProofDamaged extends EzklError {}
export class ToolFailed extends EzklError { readonly exitCode?: number }
/** An error that the coordinator answered with. */
export class Problem extends EzklError {
  readonly code: string
  readonly detail: string
  readonly status: number
  readonly title: string
  readonly retryAfter?: number
}
export class BadRequest extends Problem {}
export class Unauthenticated extends Problem {}
export class NotAllowed extends Problem {}
export class NotFound extends Problem {}
export class UnknownJob extends NotFound {}
export class UnknownWorker extends NotFound {}
export class Conflict extends Problem {}
export class UnderWay extends Conflict {}
export class JobNotFinished extends Conflict {}
export class JobFailed extends Conflict {}
export class JobCancelled extends Conflict {}
export class WorkerConnected extends Conflict {}
export class Unacceptable extends Problem {}
export class KeyTaken extends Unacceptable {}
export class BadJob extends Unacceptable {}
export class BadModel extends Unacceptable {}
export class BadInput extends Unacceptable {}
export class BadCalibration extends Unacceptable {}
export class BadArtifact extends Unacceptable {}
export class BadParameters extends Unacceptable {}
export class TooLong extends Problem {}
export class TooMany extends Problem {}
export class Unavailable extends Problem {}
export class PlanningFailed extends Unavailable {}
export class CoordinatorFailed extends Problem {}
export class DiskFull extends CoordinatorFailed {}

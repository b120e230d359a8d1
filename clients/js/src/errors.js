/** The root of all errors of this module. */
export class EzklError extends Error {
  constructor(message, options) {
    super(message, options)
    this.name = new.target.name
  }
}

/** The coordinator could not be reached, or the connection broke off, as often as it was tried. */
export class ConnectionLost extends EzklError {}
/** A job has not ended in the time that was given; it goes on. */
export class WaitTimeout extends EzklError {}
/** What came is no answer of a coordinator. */
export class BadAnswer extends EzklError {}
/** A proof document is not the one that its digest names. */
export class ProofDamaged extends EzklError {}
/** A program on this machine ended without a result. */
export class ToolFailed extends EzklError {
  constructor(message, exitCode) {
    super(message)
    this.exitCode = exitCode
  }
}

/** An error that the coordinator answered with: `code` is the word for machines, `detail` what went wrong this time. */
export class Problem extends EzklError {
  constructor({ detail = '', code = '', status = 0, title = '', retryAfter } = {}) {
    super(detail || title || code)
    Object.assign(this, { detail, code, status, title, retryAfter })
  }
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

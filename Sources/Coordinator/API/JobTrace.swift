import Varuna

/// What the tasks of a job took, moment by moment, as its coordinator saw it.
///
/// Times are seconds since the job began. A worker's own seconds are not in it: between a request and its answer lie the
/// way there, the work, and the way back.
package struct JobTrace: Codable, Equatable, Sendable {
  /// The beginning of a stage.
  package struct Mark: Codable, Equatable, Sendable {
    package var stage: JobStage
    package var time: Double
    /// Processor seconds of the coordinator and of its planning processes that have ended, since the job began; those of
    /// other jobs are among them.
    package var cpuSeconds: Double

    /// A stage began.
    package init(stage: JobStage, time: Double, cpuSeconds: Double) {
      (self.stage, self.time, self.cpuSeconds) = (stage, time, cpuSeconds)
    }
  }

  /// A worker that had a task of the job.
  package struct Worker: Codable, Equatable, Sendable {
    package var id: String
    package var name: String
    package var threads: Int
    /// Bytes of memory that it offers.
    package var memory: UInt64

    /// Collects the fields.
    package init(id: String, name: String, threads: Int, memory: UInt64) {
      (self.id, self.name, self.threads, self.memory) = (id, name, threads, memory)
    }
  }

  /// A task, by its place in ``tasks``.
  package struct Task: Codable, Equatable, Sendable {
    /// What kind of work it is.
    package enum Kind: String, Codable, Sendable, CaseIterable {
      case key
      case instances
      case matrix
    }

    package var kind: Kind
    /// The group of a share; nil for a key.
    package var group: Int?
    /// The circuit's number in the plan for a key, its place in the group for a matrix share, the number of the share
    /// for instances.
    package var number: Int
    /// Instances of the share; 0 where it is none of instances.
    package var instances: Int
    /// Predicted seconds on one thread of the reference machine.
    package var cost: Double

    /// Collects the fields.
    package init(kind: Kind, group: Int?, number: Int, instances: Int, cost: Double) {
      (self.kind, self.group, self.number) = (kind, group, number)
      (self.instances, self.cost) = (instances, cost)
    }
  }

  /// An answer that was taken.
  package struct Answer: Codable, Equatable, Sendable {
    /// Places in ``tasks`` and ``workers``.
    package var task, worker: Int
    /// The step of the rounds; 0 for a key.
    package var step: Int
    /// When the coordinator sent the request, and when the answer was there.
    package var asked, answered: Double
    /// Seconds that the coordinator then took for it.
    package var handled: Double
    /// Bytes of the request and of the answer.
    package var bytesAsked, bytesAnswered: Int

    /// Collects the fields.
    package init(
      task: Int, worker: Int, step: Int, asked: Double, answered: Double, handled: Double,
      bytesAsked: Int, bytesAnswered: Int
    ) {
      (self.task, self.worker, self.step) = (task, worker, step)
      (self.asked, self.answered, self.handled) = (asked, answered, handled)
      (self.bytesAsked, self.bytesAnswered) = (bytesAsked, bytesAnswered)
    }
  }

  /// Artifacts that a worker asked for while it had a task.
  package struct Fetch: Codable, Equatable, Sendable {
    /// Places in ``tasks`` and ``workers``.
    package var task, worker: Int
    /// The first and the last request for a part.
    package var began, ended: Double
    /// Bytes that were sent for the first time while the worker had the task.
    package var bytes: UInt64

    /// Collects the fields.
    package init(task: Int, worker: Int, began: Double, ended: Double, bytes: UInt64) {
      (self.task, self.worker, self.bytes) = (task, worker, bytes)
      (self.began, self.ended) = (began, ended)
    }
  }

  /// Answers and fetches that one trace has; later ones are only counted.
  package static let longest = 1 << 16

  package var marks: [Mark] = []
  package var workers: [Worker] = []
  package var tasks: [Task] = []
  package var answers: [Answer] = []
  package var fetches: [Fetch] = []
  /// What the job's keys and groups need, as predicted: what the scheduler decides by.
  package var keys: [Demand] = []
  package var groups: [GroupDemand] = []
  /// The circuits of every group, as places in ``keys``.
  package var circuitsOfGroups: [[Int]] = []
  /// How many answers and fetches are missing because there were more than ``longest``.
  package var missing = 0

  /// Nothing has happened.
  package init() {}
}

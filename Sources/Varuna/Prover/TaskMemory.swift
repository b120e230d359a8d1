/// What a task takes of a worker's memory, in bytes, divided by how it adds up with other tasks.
public struct TaskMemory: Codable, Equatable, Sendable {
  /// What all tasks use together: process, powers of tau, roots of unity. The largest of the tasks counts.
  public var shared: Int
  /// What the task keeps from its first step to its last: circuits, polynomials. It adds up over the tasks.
  public var held: Int
  /// What one running step takes beside that. It counts once for every step that runs at the time.
  public var step: Int

  /// Collects the parts.
  public init(shared: Int = 0, held: Int, step: Int = 0) {
    (self.shared, self.held, self.step) = (shared, held, step)
  }

  /// Nothing.
  public static let none = TaskMemory(held: 0)

  /// All of it, for a task that is alone on its worker.
  public var total: Int { shared + held + step }

  /// Tasks on one worker of which one step runs at a time.
  public static func + (a: TaskMemory, b: TaskMemory) -> TaskMemory {
    TaskMemory(
      shared: max(a.shared, b.shared), held: a.held + b.held, step: max(a.step, b.step))
  }

  /// Adds a task.
  public static func += (a: inout TaskMemory, b: TaskMemory) { a = a + b }
}

extension ProverMemory {
  /// What tasks of a batch with these domains use together.
  public var sharedBytes: Int { residentBytes - circuitBytes }

  /// Making the verifying key of a circuit.
  public var indexTask: TaskMemory {
    TaskMemory(shared: sharedBytes, held: circuitBytes, step: indexWorkBytes)
  }

  /// A share of a circuit's matrices.
  ///
  /// Between its steps it keeps f of each matrix and h_2; index polynomials are made anew where a step needs them.
  public var matrixTask: TaskMemory {
    let kept = Self.element * (nonzeros.reduce(0, +) + largest)
    return TaskMemory(
      shared: sharedBytes, held: circuitBytes + kept,
      step: matrixWorkBytes - kept)
  }

  /// One more instance in a share of instances, with its circuit.
  ///
  /// Between its steps the share keeps z, Az and Bz of an instance, later T and w of its circuit.
  public var instanceTask: TaskMemory {
    let (r, c) = (constraints, variables)
    let steps = [
      // The witness polynomial.
      Self.element * c + multiplication(c),
      // The row check: sums modulo v_R and on the coset, values of a and of b; then h_0.
      Self.element * 4 * r, Self.element * 3 * r + multiplication(r),
      // The line check: z, T, their product on both cosets.
      Self.element * 7 * c, multiplication(c),
      // The openings: combined polynomial and quotient.
      Self.element * r + multiplication(r), Self.element * c + multiplication(c),
    ]
    return TaskMemory(
      shared: sharedBytes, held: circuitBytes + Self.element * max(c + 2 * r, 2 * c),
      step: steps.max() ?? 0)
  }

  /// What a share of instances keeps however many it has: h_0, g_1 and h_1, as large as the batch's domains.
  public var instanceShare: TaskMemory {
    TaskMemory(shared: sharedBytes, held: Self.element * (constraints + 2 * variables))
  }
}

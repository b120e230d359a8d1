/// The tasks of a board by id and, kept along, who has which and which wait: what is asked of one worker, or of those that
/// wait, costs no look at all tasks.
package struct TaskTable: Sendable {
  private var all: [TaskID: BoardTask] = [:]
  private var held: [WorkerID: Set<TaskID>] = [:]
  private var unheld: Set<TaskID> = []

  /// No tasks.
  init() {}

  /// A task, or nil.
  package subscript(id: TaskID) -> BoardTask? {
    get { all[id] }
    _modify {
      let before = all[id].map { ($0.holder, $0.shadow) }
      defer { note(id, before: before) }
      yield &all[id]
    }
  }

  /// All tasks, in no order.
  package var values: Dictionary<TaskID, BoardTask>.Values { all.values }
  /// The ids of all tasks, in no order.
  package var keys: Dictionary<TaskID, BoardTask>.Keys { all.keys }
  /// How many there are.
  package var count: Int { all.count }
  /// Whether there are none.
  package var isEmpty: Bool { all.isEmpty }

  /// What a worker has, as holder or as shadow, by id.
  func held(by worker: WorkerID) -> [BoardTask] {
    (held[worker] ?? []).sorted().compactMap { all[$0] }
  }

  /// Whether a worker has nothing.
  func isIdle(_ worker: WorkerID) -> Bool { held[worker] == nil }

  /// What nobody has, by id.
  var waiting: [BoardTask] { unheld.sorted().compactMap { all[$0] } }

  /// Takes a task out.
  mutating func removeValue(forKey id: TaskID) -> BoardTask? {
    let task = all[id]
    self[id] = nil
    return task
  }

  private mutating func note(_ id: TaskID, before: (holder: WorkerID?, shadow: WorkerID?)?) {
    let task = all[id]
    if task != nil, task?.holder == nil { unheld.insert(id) } else { unheld.remove(id) }
    if before?.holder == task?.holder, before?.shadow == task?.shadow { return }
    for worker in [before?.holder, before?.shadow] {
      guard let worker, task?.isHeld(by: worker) != true else { continue }
      held[worker]?.remove(id)
      if held[worker]?.isEmpty == true { held[worker] = nil }
    }
    for worker in [task?.holder, task?.shadow] {
      if let worker { held[worker, default: []].insert(id) }
    }
  }
}

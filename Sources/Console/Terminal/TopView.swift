/// What `top` shows at one moment.
package struct TopSnapshot: Equatable, Sendable {
  /// One worker.
  package struct Worker: Equatable, Sendable {
    /// What the operator calls it.
    package var name: String
    /// Its state in a word, and whether that means that it works.
    package var state: String
    package var isWell: Bool
    /// Threads that it computes with.
    package var threads: Int
    /// Bytes that its tasks hold, and that it is believed to have.
    package var held, memory: UInt64
    /// Tasks that it has.
    package var tasks: Int
    /// Predicted seconds divided by measured ones; nil where nothing was measured.
    package var speed: Double?
    /// What it does, for which jobs.
    package var activity: String
    /// What went wrong with it: how often, and in words.
    package var troubles: Int
    package var reason: String

    /// A worker's line.
    package init(
      name: String, state: String, isWell: Bool, threads: Int, held: UInt64, memory: UInt64,
      tasks: Int, speed: Double?, activity: String, troubles: Int, reason: String
    ) {
      self.name = name
      self.state = state
      self.isWell = isWell
      self.threads = threads
      (self.held, self.memory) = (held, memory)
      self.tasks = tasks
      self.speed = speed
      self.activity = activity
      self.troubles = troubles
      self.reason = reason
    }
  }

  /// One job that has not ended.
  package struct Job: Equatable, Sendable {
    package var id: String
    package var stage: String
    package var model: String
    /// Seconds since it was submitted.
    package var age: Double
    package var detail: String

    /// A job's line.
    package init(id: String, stage: String, model: String, age: Double, detail: String) {
      self.id = id
      self.stage = stage
      self.model = model
      self.age = age
      self.detail = detail
    }
  }

  /// Lines about the whole.
  package var heading: [String]
  package var workers: [Worker]
  /// In the order in which they are shown.
  package var jobs: [Job]
  /// Jobs that have not ended and are not among those.
  package var moreJobs: Int

  /// A moment.
  package init(heading: [String], workers: [Worker], jobs: [Job], moreJobs: Int = 0) {
    self.heading = heading
    self.workers = workers
    self.jobs = jobs
    self.moreJobs = moreJobs
  }
}

/// How `top` looks at it: by what workers are sorted, and where the lists begin. Pure.
package struct TopView: Equatable, Sendable {
  /// What workers are sorted by.
  package enum Order: String, CaseIterable, Sendable {
    case name, state, tasks, memory, speed, troubles
  }

  /// What somebody pressed.
  package enum Key: Equatable, Sendable {
    case up, down, left, right, pageUp, pageDown, home, quit, reverse
    case other
  }

  package private(set) var order = Order.tasks
  /// Whether the order is turned round.
  package private(set) var isReversed = false
  /// Workers above the first one that is shown.
  package private(set) var offset = 0

  /// The most jobs that are listed on a screen.
  private static let mostJobs = 10

  /// Sorted by tasks, from the first worker on.
  package init() {}

  /// Takes a key; whether to go on.
  package mutating func press(_ key: Key, rows: Int, workers: Int) -> Bool {
    let page = max(1, rows / 2)
    switch key {
    case .quit: return false
    case .up: offset -= 1
    case .down: offset += 1
    case .pageUp: offset -= page
    case .pageDown: offset += page
    case .home: offset = 0
    case .left, .right:
      let all = Order.allCases
      let place = all.firstIndex(of: order)! + (key == .right ? 1 : all.count - 1)
      order = all[place % all.count]
    case .reverse: isReversed.toggle()
    case .other: break
    }
    offset = max(0, min(offset, workers - 1))
    return true
  }

  /// The workers in their order; those that are equal in it by name.
  package func sorted(_ workers: [TopSnapshot.Worker]) -> [TopSnapshot.Worker] {
    let sorted = workers.sorted { one, other in
      let isBefore: Bool? =
        switch order {
        case .name: nil
        case .state: one.state == other.state ? nil : one.state < other.state
        // The largest first: that is what somebody looks for.
        case .tasks: one.tasks == other.tasks ? nil : one.tasks > other.tasks
        case .memory: one.held == other.held ? nil : one.held > other.held
        case .speed: one.speed == other.speed ? nil : one.speed ?? -1 > other.speed ?? -1
        case .troubles: one.troubles == other.troubles ? nil : one.troubles > other.troubles
        }
      return isBefore ?? (one.name < other.name)
    }
    return isReversed ? sorted.reversed() : sorted
  }

  /// A screen of so many rows, none of them wider than the terminal.
  package func screen(
    _ snapshot: TopSnapshot, on terminal: Terminal, rows: Int
  ) -> [String] {
    let heading = snapshot.heading.map(Human.oneLine)
    var jobs = Self.lines(of: snapshot.jobs.prefix(min(Self.mostJobs, max(1, rows / 3))))
    let hidden = snapshot.moreJobs + max(0, snapshot.jobs.count - max(0, jobs.count - 1))
    if snapshot.jobs.isEmpty {
      jobs = ["no jobs"]
    } else if hidden > 0 {
      jobs.append("and \(hidden) more jobs")
    }
    let workers = Self.lines(of: sorted(snapshot.workers))
    // Blank lines between the three parts, and the keys below.
    let room = max(2, rows - heading.count - jobs.count - 3)
    let first = min(offset, max(0, workers.count - room))
    var middle = snapshot.workers.isEmpty ? ["no workers"] : [workers[0]]
    middle += workers.dropFirst(1 + first).prefix(room - 1)
    var lines = heading + [""] + middle
    while lines.count < rows - jobs.count - 2 { lines.append("") }
    lines += [""] + jobs
    lines.append(
      "q: quit  arrows: scroll, sort  r: reverse   by \(order.rawValue)\(isReversed ? ", reversed" : "")"
    )
    return lines.prefix(max(1, rows)).enumerated().map { number, line in
      let cut = String(line.prefix(terminal.width - 1))
      return number == 0 ? terminal.styled(cut, .strong) : cut
    }
  }

  /// All of it, for who reads no screen.
  package func plain(_ snapshot: TopSnapshot) -> String {
    var lines = snapshot.heading.map(Human.oneLine) + [""]
    lines += snapshot.workers.isEmpty ? ["no workers"] : Self.lines(of: sorted(snapshot.workers))
    lines.append("")
    lines += snapshot.jobs.isEmpty ? ["no jobs"] : Self.lines(of: snapshot.jobs[...])
    if snapshot.moreJobs > 0 { lines.append("and \(snapshot.moreJobs) more jobs") }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func lines(of workers: [TopSnapshot.Worker]) -> [String] {
    var table = Table([
      .text("worker"), .text("state"), .number("threads"), .number("memory"), .number("tasks"),
      .number("speed"), .number("troubles"), .text("does"),
    ])
    for worker in workers {
      let memory =
        Human.bytes(Int(clamping: worker.held)) + " / "
        + Human.bytes(Int(clamping: worker.memory))
      table.add([
        worker.name, worker.isWell ? worker.state : worker.state.uppercased(),
        String(worker.threads), memory, String(worker.tasks),
        worker.speed.map { Human.decimal($0, digits: 2) } ?? "", String(worker.troubles),
        worker.activity.isEmpty ? worker.reason : worker.activity,
      ])
    }
    return rows(of: table)
  }

  private static func lines(of jobs: ArraySlice<TopSnapshot.Job>) -> [String] {
    var table = Table([
      .text("job"), .text("stage"), .number("age"), .text("model"), .text("detail"),
    ])
    for job in jobs {
      table.add([job.id, job.stage, Human.duration(max(0, job.age)), job.model, job.detail])
    }
    return rows(of: table)
  }

  private static func rows(of table: Table) -> [String] {
    table.rendered().split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      .map(String.init)
  }
}

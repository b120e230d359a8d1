import Console
import Testing

/// What `top` shows, and what keys do to it.
@Suite struct TopTests {
  private func worker(
    _ name: String, tasks: Int = 0, held: UInt64 = 0, speed: Double? = nil, state: String = "live",
    troubles: Int = 0, activity: String = "", reason: String = ""
  ) -> TopSnapshot.Worker {
    TopSnapshot.Worker(
      name: name, state: state, isWell: state == "live", threads: 4, held: held,
      memory: 4 << 30, tasks: tasks, speed: speed, activity: activity, troubles: troubles,
      reason: reason)
  }

  private func snapshot(_ workers: [TopSnapshot.Worker], jobs: Int = 1) -> TopSnapshot {
    TopSnapshot(
      heading: ["coordinator 1.0", "jobs 1"], workers: workers,
      jobs: (0..<jobs).map {
        TopSnapshot.Job(id: "j\($0)", stage: "proving", model: "m.onnx", age: 61, detail: "round 3")
      })
  }

  private let terminal = Terminal(isInteractive: true, hasColor: false, width: 60)

  @Test func aScreenHasItsRowsAndNoMoreThanItsColumns() {
    let workers = (0..<50).map { worker("w\($0)", activity: String(repeating: "x", count: 90)) }
    for rows in [5, 8, 24, 80] {
      let lines = TopView().screen(snapshot(workers, jobs: 40), on: terminal, rows: rows)
      #expect(lines.count == rows && lines.allSatisfy { $0.count < 60 }, "\(rows)")
    }
    let lines = TopView().screen(snapshot(workers, jobs: 40), on: terminal, rows: 24)
    #expect(lines[0] == "coordinator 1.0" && lines[3].hasPrefix("worker"))
    #expect(lines.contains { $0.hasPrefix("and 32 more jobs") })
    #expect(lines[23].hasPrefix("q: quit"))
  }

  @Test func workersAreSortedByWhatSomebodyLooksFor() {
    let workers = [
      worker("c", tasks: 1, held: 7, speed: 2), worker("a", tasks: 3, speed: nil, troubles: 2),
      worker("b", tasks: 1, held: 9, speed: 0.5, state: "away"),
    ]
    var view = TopView()
    var orders: [TopView.Order: [String]] = [:]
    for _ in TopView.Order.allCases {
      orders[view.order] = view.sorted(workers).map(\.name)
      #expect(view.press(.right, rows: 24, workers: 3) == true)
    }
    #expect(view == TopView())
    #expect(
      orders == [
        .name: ["a", "b", "c"], .state: ["b", "a", "c"], .tasks: ["a", "b", "c"],
        .memory: ["b", "c", "a"], .speed: ["c", "b", "a"], .troubles: ["a", "b", "c"],
      ])
    #expect(view.press(.reverse, rows: 24, workers: 3) == true)
    #expect(view.sorted(workers).map(\.name) == ["c", "b", "a"])
  }

  @Test func listsScrollAndStayWhereThereIsSomething() {
    let workers = (10..<60).map { worker("w\($0)") }
    var view = TopView()
    #expect(view.press(.up, rows: 24, workers: 50) == true)
    #expect(view.offset == 0)
    for _ in 0..<3 { _ = view.press(.down, rows: 24, workers: 50) }
    let lines = view.screen(snapshot(workers), on: terminal, rows: 24)
    #expect(lines[4].hasPrefix("w13"))
    for _ in 0..<9 { _ = view.press(.pageDown, rows: 24, workers: 50) }
    #expect(view.offset == 49)
    #expect(view.screen(snapshot(workers), on: terminal, rows: 24).contains { $0.hasPrefix("w59") })
    #expect(view.press(.home, rows: 24, workers: 50) == true)
    #expect(view.offset == 0)
    #expect(view.press(.quit, rows: 24, workers: 50) == false)
  }

  @Test func keysAreWhatTerminalsSend() {
    let bytes = Array("\u{1b}[A\u{1b}OB\u{1b}[C\u{1b}[D\u{1b}[5~\u{1b}[6~\u{1b}[Hqrx\u{1b}".utf8)
    #expect(
      ScreenTerminal.keys(in: bytes[...]) == [
        .up, .down, .right, .left, .pageUp, .pageDown, .home, .quit, .reverse, .other, .other,
      ])
    #expect(ScreenTerminal.keys(in: Array("\u{1b}[".utf8)[...]) == [.other])
  }

  /// Names come from others: they drive no terminal.
  @Test func plainTextHasEverything() {
    let text = TopView().plain(
      snapshot([
        worker("bad\u{1b}[2J", state: "cordoned", troubles: 3, reason: "5 troubles in a row"),
        worker("good", tasks: 2, held: 1 << 30, activity: "job 7f3a: 2 shares"),
      ]))
    #expect(!text.contains("\u{1b}"))
    #expect(text.contains("CORDONED") && text.contains("5 troubles in a row"))
    #expect(text.contains("1.0 GiB / 4.0 GiB") && text.contains("job 7f3a: 2 shares"))
    #expect(text.contains("j0") && text.contains("1m 01s"))
    let empty = TopView().plain(TopSnapshot(heading: ["x"], workers: [], jobs: []))
    #expect(empty == "x\n\nno workers\n\nno jobs\n")
  }
}

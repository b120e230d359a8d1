import Glibc
import Testing

import Console

@Suite struct TerminalTests {
  @Test func aPipeIsNotInteractive() {
    var ends: [Int32] = [0, 0]
    #expect(pipe(&ends) == 0)
    defer { for end in ends { close(end) } }
    let terminal = Terminal.detect(descriptor: ends[1]) { ["TERM": "xterm", "COLUMNS": "120"][$0] }
    #expect(!terminal.isInteractive && !terminal.hasColor)
    #expect(terminal.width == 120)
    #expect(terminal.styled("x", .bad) == "x")
  }

  @Test(
    arguments: [
      (["TERM": "xterm"], true, true), (["TERM": "xterm", "NO_COLOR": "1"], true, false),
      (["TERM": "xterm", "NO_COLOR": ""], true, true), (["TERM": "dumb"], false, false),
      ([:], false, false),
    ] as [([String: String], Bool, Bool)])
  func aTerminalObeysTheEnvironment(
    _ variables: [String: String], _ interactive: Bool, _ color: Bool
  ) throws {
    let main = open("/dev/ptmx", O_RDWR | O_NOCTTY)
    var locked: Int32 = 0
    var number: Int32 = 0
    try #require(main >= 0)
    #expect(ioctl(main, 0x4004_5431, &locked) == 0, "TIOCSPTLCK")
    #expect(ioctl(main, 0x8004_5430, &number) == 0, "TIOCGPTN")
    let other = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY)
    defer {
      close(other)
      close(main)
    }
    let terminal = Terminal.detect(descriptor: other) { variables[$0] }
    #expect(terminal.isInteractive == interactive)
    #expect(terminal.hasColor == color)
  }

  private let state = ProgressState(
    stage: "proving", fraction: 0.5, detail: "group 1, round 3 of 8",
    workers: (0..<10).map { .init(name: "w\($0)", activity: "lineval") }, secondsLeft: 12)

  @Test func displayFitsTheTerminal() {
    let terminal = Terminal(isInteractive: true, hasColor: false, width: 30)
    let lines = state.lines(on: terminal, elapsed: 4)
    #expect(lines.allSatisfy { $0.count < 30 })
    #expect(lines[0].hasPrefix("proving [#####-----] 50%"))
    #expect(lines.last == "  and 2 more workers")
  }

  @Test func interactiveDisplayErasesWhatItDrew() {
    let stream = TextStream(descriptor: nil)
    let terminal = Terminal(isInteractive: true, hasColor: false, width: 60)
    let display = ProgressDisplay(stream: stream, terminal: terminal, clock: { 0 })
    display.show(ProgressState(stage: "planning"))
    display.show(state)
    display.finish()
    display.show(state)
    #expect(stream.text.contains("\u{1b}[2A\r\u{1b}[Jproving"))
    #expect(stream.text.hasSuffix("\u{1b}[11A\r\u{1b}[J"))
  }

  @Test func plainDisplayPrintsEveryChangeOnce() {
    let stream = TextStream(descriptor: nil)
    let terminal = Terminal(isInteractive: false, hasColor: false, width: 60)
    let display = ProgressDisplay(stream: stream, terminal: terminal, clock: { 0 })
    for fraction in [0.1, 0.2, 0.3] {
      display.show(ProgressState(stage: "indexing", fraction: fraction, detail: "circuit 1 of 2"))
    }
    display.show(ProgressState(stage: "indexing", fraction: 0.5, detail: "circuit 2 of 2"))
    display.finish()
    #expect(
      stream.text == "indexing: circuit 1 of 2 (10%)\nindexing: circuit 2 of 2 (50%)\n")
  }

  @Test func theFirstSignalCallsBackAndTheSecondEndsTheProcess() async {
    await #expect(processExitsWith: .exitCode(130)) {
      Interrupts.install { cause in
        guard cause == .interrupt else { _exit(9) }
        kill(getpid(), SIGINT)
      }
      kill(getpid(), SIGINT)
      waitForTheEnd()
      _exit(8)
    }
    await #expect(processExitsWith: .exitCode(5)) {
      Interrupts.install { cause in _exit(cause.exitCode.rawValue) }
      kill(getpid(), SIGTERM)
      waitForTheEnd()
    }
  }
}

/// Waits long enough for any machine; a signal ends a single sleep early, not the waiting.
private func waitForTheEnd() {
  for _ in 0..<300 { sleep(1) }
}

import Foundation

/// Ends this process when its parent ends, so that a local cluster leaves nothing behind.
///
/// Asks for the parent's id a few times a second: the kernel's own notice (`PR_SET_PDEATHSIG`) is about the parent's
/// *thread* that started this process, which may end long before the parent does.
enum ParentWatch {
  /// Begins to watch.
  static func start() {
    let parent = getppid()
    let thread = Thread {
      while getppid() == parent { usleep(200_000) }
      _exit(0)
    }
    thread.name = "parent watch"
    thread.start()
  }
}

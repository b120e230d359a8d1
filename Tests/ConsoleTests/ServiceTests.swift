import Console
import Foundation
import TestSupport
import Testing

/// What the service manager hears.
@Suite struct ServiceTests {
  @Test(arguments: [true, false])
  func statesArriveAsDatagrams(_ isAbstract: Bool) throws {
    let listener = try NotifySocket(isAbstract: isAbstract)
    let variables = ["NOTIFY_SOCKET": listener.name]
    let manager = try #require(ServiceManager { variables[$0] })
    #expect(manager.watchdogSeconds == nil)
    manager.tell(.ready)
    #expect(listener.next() == "READY=1")
    manager.tell(.status("two\nlines"))
    #expect(listener.next() == "STATUS=two lines")
    manager.tell(.reloading)
    #expect(listener.next().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
    manager.tell(.stopping)
    #expect(listener.next() == "STOPPING=1")
  }

  @Test func aServiceThatIsAliveSaysSo() throws {
    let listener = try NotifySocket(isAbstract: true)
    let variables = ["NOTIFY_SOCKET": listener.name, "WATCHDOG_USEC": "60000"]
    let manager = try #require(ServiceManager { variables[$0] })
    #expect(manager.watchdogSeconds == 0.06)
    manager.keepAlive { true }
    for _ in 0..<3 { #expect(listener.next() == "WATCHDOG=1") }
  }

  @Test func nobodyIsToldWithoutAManager() {
    #expect(ServiceManager { _ in nil } == nil)
    let relative = ["NOTIFY_SOCKET": "socket"]
    #expect(ServiceManager { relative[$0] } == nil)
    let long = ["NOTIFY_SOCKET": "/" + String(repeating: "a", count: 108)]
    #expect(ServiceManager { long[$0] } == nil)
    // The watchdog of another process is none of this one's.
    let others = ["NOTIFY_SOCKET": "/a", "WATCHDOG_USEC": "1000", "WATCHDOG_PID": "1"]
    #expect(ServiceManager { others[$0] }?.watchdogSeconds == nil)
  }
}

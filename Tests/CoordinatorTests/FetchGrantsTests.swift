import Coordinator
import Testing
import Wire

/// What a worker may fetch, and what of it counts as getting on.
@Suite struct FetchGrantsTests {
  private let program = Digest(of: [1])
  private let parameters = Digest(of: [2])

  @Test func onlyWhatItsTasksNameIsAllowedWhileItHasThem() {
    var grants = FetchGrants()
    #expect(!grants.allow(program))
    grants.grant([program, parameters], to: 1)
    grants.grant([parameters], to: 2)
    #expect(grants.allow(program) && grants.allow(parameters))
    grants.revoke(1)
    #expect(!grants.allow(program) && grants.allow(parameters))
    #expect(grants.advance(program, offset: 0, length: 9, size: 9).isEmpty)
  }

  @Test func whatWasSentBeforeIsNotNew() {
    var grants = FetchGrants()
    grants.grant([parameters], to: 1)
    #expect(grants.advance(parameters, offset: 0, length: 60, size: 100) == [1: 60])
    #expect(grants.advance(parameters, offset: 0, length: 60, size: 100).isEmpty)
    #expect(grants.advance(parameters, offset: 59, length: 1, size: 100).isEmpty)
    grants.grant([parameters], to: 2)
    #expect(grants.advance(parameters, offset: 50, length: 20, size: 100) == [1: 10, 2: 20])
    // No more than there is, whatever is asked for.
    #expect(grants.advance(parameters, offset: 70, length: .max, size: 100) == [1: 30, 2: 30])
    #expect(grants.advance(parameters, offset: 100, length: 5, size: 100).isEmpty)
    #expect(grants.advance(parameters, offset: .max, length: .max, size: 100).isEmpty)
    // A transfer that goes on where an earlier one left off.
    grants.grant([program], to: 3)
    #expect(grants.advance(program, offset: 40, length: 10, size: 100) == [3: 10])
  }
}

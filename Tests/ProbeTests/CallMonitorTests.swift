import Glibc
import Testing

@testable import Probe

@Suite struct CallMonitorTests {
    @Test func theOtherMappingSeesTheOpenCall() throws {
        let (child, descriptor) = try #require(CallMonitor.create())
        let parent = try #require(CallMonitor(mapping: descriptor))
        close(descriptor)
        defer {
            child.unmap()
            parent.unmap()
        }
        #expect(parent.open == nil)
        let before = MonotonicClock.nanoseconds()
        child.enter(.powerUsage, gpu: 63)
        let open = try #require(parent.open)
        #expect(open.call == .powerUsage)
        #expect(open.gpu == 63)
        #expect(open.sinceNanoseconds >= before)
        child.leave()
        #expect(parent.open == nil)
        child.enter(.initialize, gpu: nil)
        #expect(parent.open?.call == .initialize)
        #expect(parent.open?.gpu == nil)
        child.enter(.name, gpu: 0)
        #expect(parent.open?.gpu == 0)
    }

    @Test func aClosedDescriptorMapsNothing() { #expect(CallMonitor(mapping: -1) == nil) }
}

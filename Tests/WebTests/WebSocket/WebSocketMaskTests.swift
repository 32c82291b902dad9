import Testing

@testable import Web

@Suite("WebSocket masks")
struct WebSocketMaskTests {
    @Test("every length and alignment is masked as the definition says, and ASCII is noticed")
    func lengths() {
        var random = SeededRandom(seed: 1)
        let key: [UInt8] = [0x11, 0x82, 0xF3, 0x64]
        let word = UInt32(0x64F3_8211)
        for count in 0...300 {
            let plain = (0..<count).map { _ in UInt8.random(in: 0...127, using: &random) }
            for (offset, foreign) in [(0, -1), (1, -1), (3, 0), (5, count / 2), (7, count - 1)] {
                var payload = plain
                if payload.indices.contains(foreign) { payload[foreign] |= 0x80 }
                let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: count + 16, alignment: 16)
                defer { memory.deallocate() }
                _ = memory.initializeMemory(as: UInt8.self, repeating: 0x55)
                let target = UnsafeMutableRawBufferPointer(rebasing: memory[offset..<(offset + count)])
                target.copyBytes(from: payload.enumerated().map { $1 ^ key[$0 % 4] })
                #expect(WebSocketMask.apply(word, to: target) == payload.allSatisfy { $0 < 0x80 })
                #expect([UInt8](target) == payload)
                #expect(memory[..<offset].allSatisfy { $0 == 0x55 })
                #expect(memory[(offset + count)...].allSatisfy { $0 == 0x55 })
            }
        }
    }

    @Test("a key turns with the bytes behind it")
    func turning() {
        let key: UInt32 = 0x0403_0201
        #expect(
            (0...8).map { WebSocketMask.advanced(key, by: $0) } == [
                0x0403_0201, 0x0104_0302, 0x0201_0403, 0x0302_0104, 0x0403_0201, 0x0104_0302, 0x0201_0403, 0x0302_0104,
                0x0403_0201,
            ])
    }

    @Test("nothing is masked without trouble")
    func empty() {
        #expect(WebSocketMask.apply(1, to: UnsafeMutableRawBufferPointer(start: nil, count: 0)))
    }
}

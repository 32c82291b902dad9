import Testing

@testable import Web

@Suite("Input cursor")
struct InputCursorTests {
    @Test("steps over bytes and hands them out in order")
    func steps() {
        Feeding.whole([1, 2, 3, 4, 5]).forEach { cursor in
            #expect(!cursor.isEmpty)
            cursor.advance(1)
            #expect([UInt8](cursor.take(2)) == [2, 3])
            #expect([UInt8](cursor.remaining) == [4, 5])
            cursor.discard()
            #expect(cursor.isEmpty)
        }
    }

    @Test("an empty input is empty, and stays so")
    func empty() {
        var cursor = InputCursor(UnsafeMutableRawBufferPointer(start: nil, count: 0))
        cursor.advance(0)
        cursor.discard()
        #expect(cursor.isEmpty)
        #expect(cursor.take(0).isEmpty)
    }

    @Test("stepping beyond the end traps")
    func beyond() async {
        await #expect(processExitsWith: .failure) {
            Feeding.whole([1]).forEach { $0.advance(2) }
        }
    }
}

import Grid
import Testing

@testable import Fanout

@Suite("Segment writer")
struct SegmentWriterTests {
    private func append(_ parts: [Int], to writer: inout SegmentWriter) -> (
        segment: Segment, start: UInt64, end: UInt64
    ) {
        let bytes = [UInt8](repeating: 7, count: parts.reduce(0, +))
        return bytes.withUnsafeBytes { all in
            let head = UnsafeRawBufferPointer(rebasing: all[..<parts[0]])
            let payload = UnsafeRawBufferPointer(rebasing: all[parts[0]..<(parts[0] + parts[1])])
            let tail = UnsafeRawBufferPointer(rebasing: all[(parts[0] + parts[1])...])
            return writer.append(head, payload, tail)
        }
    }

    @Test("frames lie whole in a segment, one behind the other, large ones in one of their own")
    func frames() {
        var writer = SegmentWriter()
        var last: (segment: Segment, end: UInt64)?
        for parts in [[3, 40_000, 4], [3, 25_000, 4], [0, 1, 0], [3, 40_000, 4], [3, 200_000, 4], [2, 0, 0]] {
            let spare = last?.segment.spare ?? 0
            let length = parts.reduce(0, +)
            let frame = append(parts, to: &writer)
            #expect(frame.start == last?.end ?? 0 && frame.end == frame.start + UInt64(length))
            #expect((frame.segment === last?.segment) == (spare >= length))
            #expect(frame.segment.start <= frame.start)
            #expect(frame.end <= frame.segment.start + UInt64(frame.segment.capacity))
            #expect(frame.segment.bytes(from: frame.start, to: frame.end).allSatisfy { $0 == 7 })
            last = (frame.segment, frame.end)
        }
        #expect(writer.end == 305_031)
    }
}

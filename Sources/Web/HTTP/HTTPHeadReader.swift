import Glibc

/// Gathers the lines of a head or of trailers, within bounds, however the bytes arrive.
///
/// Each line is judged when its line feed is there, and its length before that, so that the outcome does not depend
/// on where the input was cut.
struct HTTPHeadReader {
    private let limits: HTTPLimits
    /// Every line so far, line ends left out, and the beginning of the next.
    private var text: [UInt8] = []
    private var lineStart = 0
    /// Bytes read, line ends included.
    private var byteCount = 0
    private var headers = HTTPHeaders()

    init(limits: HTTPLimits) { self.limits = limits }

    /// Whether nothing of a line has been read since the last one was answered.
    var isAtLineStart: Bool { text.count == lineStart }

    /// Reads to the end of the next line and answers where it lies in the text; `nil` when the input ends first.
    mutating func line(
        _ input: inout InputCursor, atMost bound: Int, orElse error: HTTPError
    ) throws(HTTPError) -> Range<Int>? {
        guard let start = input.remaining.baseAddress, !input.isEmpty else { return nil }
        let feed = memchr(start, Int32(HTTPCharacters.lineFeed), input.remaining.count)
        let count = feed.map { UnsafeRawPointer($0) - UnsafeRawPointer(start) + 1 } ?? input.remaining.count
        guard text.count - lineStart + count <= bound else { throw error }
        guard byteCount + count <= limits.headBytes else { throw .headTooLarge }
        // Most heads fit, so that they take one block.
        if text.isEmpty { text.reserveCapacity(512) }
        text.append(contentsOf: input.take(count))
        byteCount += count
        guard feed != nil else { return nil }
        return try endLine()
    }

    /// Judges the line that has just got its line feed, and takes the line end off.
    private mutating func endLine() throws(HTTPError) -> Range<Int> {
        let end = text.count - 2
        guard end >= lineStart, text[end] == HTTPCharacters.carriageReturn else { throw .malformedLineEnd }
        text.removeLast(2)
        let line = lineStart..<end
        lineStart = end
        return line
    }

    /// Reads header fields up to and with the empty line; `false` when the input ends first.
    mutating func fields(_ input: inout InputCursor) throws(HTTPError) -> Bool {
        while let line = try line(&input, atMost: limits.headBytes, orElse: .headTooLarge) {
            if line.isEmpty { return true }
            try field(line)
        }
        return false
    }

    /// Notes a field. Control characters, bare line ends among them, are in none of its parts.
    private mutating func field(_ line: Range<Int>) throws(HTTPError) {
        guard !HTTPCharacters.isBlank(text[line.lowerBound]) else { throw .foldedHeader }
        let parts = text.withUnsafeBufferPointer { text -> (name: Range<Int>, value: Range<Int>)? in
            var colon = line.lowerBound
            while colon < line.upperBound, HTTPCharacters.isToken(text[colon]) { colon += 1 }
            guard colon > line.lowerBound, colon < line.upperBound, text[colon] == HTTPCharacters.colon else {
                return nil
            }
            var value = (colon + 1)..<line.upperBound
            while let first = value.first, HTTPCharacters.isBlank(text[first]) { value.removeFirst() }
            while let last = value.last, HTTPCharacters.isBlank(text[last]) { value.removeLast() }
            guard HTTPCharacters.isValueText(UnsafeBufferPointer(rebasing: text[value])) else { return nil }
            return (line.lowerBound..<colon, value)
        }
        guard let parts else { throw .malformedHeader }
        guard headers.count < limits.headerCount else { throw .tooManyHeaders }
        headers.note(name: parts.name, value: parts.value)
    }

    /// The bytes of a line.
    func text(of line: Range<Int>) -> ArraySlice<UInt8> { text[line] }

    /// Forgets the line just answered, as far as the bound on a head's size goes.
    mutating func forgetLine() {
        text.removeAll()
        lineStart = 0
        byteCount = 0
    }

    /// The fields read, and a fresh start for the next head.
    mutating func finish() -> HTTPHeaders {
        var finished = headers
        finished.adopt(text: text)
        self = HTTPHeadReader(limits: limits)
        return finished
    }
}

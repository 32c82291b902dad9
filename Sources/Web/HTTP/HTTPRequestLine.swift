/// The first line of a request: `METHOD TARGET HTTP/1.1`, one blank between, none elsewhere.
struct HTTPRequestLine {
    /// The longest method that is read; longer ones are none that anybody implements.
    static let methodBytes = 32

    var method: String
    var target: String
    var parts: HTTPTarget
    /// 0 or 1. A higher minor version than 1 is read as 1.
    var minorVersion: Int

    init(_ line: ArraySlice<UInt8>, limits: HTTPLimits) throws(HTTPError) {
        guard let first = line.firstIndex(of: HTTPCharacters.space),
            let second = line[(first + 1)...].firstIndex(of: HTTPCharacters.space),
            HTTPCharacters.isTokenText(line[..<first])
        else { throw .malformedRequestLine }
        guard first - line.startIndex <= Self.methodBytes else { throw .unsupportedMethod }
        minorVersion = try Self.minorVersion(line[(second + 1)...], orElse: .malformedRequestLine)
        let target = line[(first + 1)..<second]
        guard target.count <= limits.targetBytes else { throw .targetTooLong }
        method = String(decoding: line[..<first], as: UTF8.self)
        parts = try HTTPTarget(target, method: method)
        self.target = String(decoding: target, as: UTF8.self)
    }

    /// The minor version of exactly `HTTP/1.x`.
    static func minorVersion(
        _ text: ArraySlice<UInt8>, orElse error: HTTPError
    ) throws(HTTPError) -> Int {
        let numbers = text.dropFirst(5)
        guard text.count == 8, text.starts(with: "HTTP/".utf8), let major = numbers.first, let minor = numbers.last,
            HTTPCharacters.isDigit(major), numbers.dropFirst().first == UInt8(ascii: "."),
            HTTPCharacters.isDigit(minor)
        else { throw error }
        guard major == UInt8(ascii: "1") else { throw .unsupportedVersion }
        return minor == UInt8(ascii: "0") ? 0 : 1
    }
}

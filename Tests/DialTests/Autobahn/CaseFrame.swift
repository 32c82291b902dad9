import Glibc

/// Bytes that are compared as one block: some cases have sixteen million of them.
struct Octets: Equatable, ExpressibleByArrayLiteral, Sendable {
    let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(_ text: String) { bytes = Array(text.utf8) }

    init(arrayLiteral elements: UInt8...) { bytes = elements }

    /// The payload of a long message: `pattern` over and over.
    init(repeating pattern: String, count: Int) {
        let unit = Array(pattern.utf8)
        bytes = [UInt8](unsafeUninitializedCapacity: count) { room, filled in
            unit.withUnsafeBytes { unit in
                for start in stride(from: 0, to: count, by: unit.count) {
                    memcpy(room.baseAddress! + start, unit.baseAddress!, min(unit.count, count - start))
                }
            }
            filled = count
        }
    }

    /// `count` bytes of one value.
    init(_ value: UInt8, count: Int) { bytes = [UInt8](repeating: value, count: count) }

    static func == (left: Octets, right: Octets) -> Bool {
        left.bytes.count == right.bytes.count
            && left.bytes.withUnsafeBytes { left in
                right.bytes.withUnsafeBytes { right in
                    left.isEmpty || memcmp(left.baseAddress!, right.baseAddress!, left.count) == 0
                }
            }
    }
}

extension Octets: CustomStringConvertible {
    var description: String { "\(bytes.count) bytes \(bytes.prefix(24))" }
}

/// One frame of a server that may be a bad one: whatever a case wants, and never masked.
struct CaseFrame: Sendable {
    var opcode: UInt8
    var fin = true
    /// The three reserved bits as a number, the first of them worth 4.
    var rsv: UInt8 = 0
    var payload: [UInt8]

    init(_ opcode: UInt8, fin: Bool = true, rsv: UInt8 = 0, _ payload: [UInt8] = []) {
        (self.opcode, self.fin, self.rsv, self.payload) = (opcode, fin, rsv, payload)
    }

    init(_ opcode: UInt8, fin: Bool = true, rsv: UInt8 = 0, _ payload: String) {
        self.init(opcode, fin: fin, rsv: rsv, Array(payload.utf8))
    }

    static func text(_ payload: String, fin: Bool = true) -> CaseFrame { CaseFrame(1, fin: fin, payload) }

    static func more(_ payload: String, fin: Bool) -> CaseFrame { CaseFrame(0, fin: fin, payload) }

    static func ping(_ payload: String = "") -> CaseFrame { CaseFrame(9, payload) }

    /// A close frame with any code at all.
    static func close(_ code: Int, _ reason: [UInt8] = []) -> CaseFrame {
        CaseFrame(8, [UInt8(code >> 8), UInt8(code & 255)] + reason)
    }

    /// A message in frames of at most `size` bytes; the first is marked as compressed where `rsv` is 4.
    static func message(_ opcode: UInt8, rsv: UInt8 = 0, _ payload: [UInt8], size: Int) -> [CaseFrame] {
        stride(from: 0, to: max(payload.count, 1), by: size).map { start in
            let end = min(start + size, payload.count)
            return CaseFrame(
                start == 0 ? opcode : 0, fin: end == payload.count, rsv: start == 0 ? rsv : 0,
                Array(payload[start..<end]))
        }
    }

    /// Appends the frame as it goes over the wire.
    func append(to bytes: inout [UInt8]) {
        bytes.append((fin ? 0x80 : 0) | rsv << 4 | opcode)
        switch payload.count {
        case ..<126: bytes.append(UInt8(payload.count))
        case ..<65_536: bytes += [126, UInt8(payload.count >> 8), UInt8(payload.count & 255)]
        default: bytes += [127] + (0..<8).map { UInt8(truncatingIfNeeded: payload.count >> (56 - 8 * $0)) }
        }
        bytes += payload
    }
}

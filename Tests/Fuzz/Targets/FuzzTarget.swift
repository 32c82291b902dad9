/// What no input may bring about: a check throws it, and names what did not hold.
struct FuzzFinding: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// A promise of a module that holds for any bytes whatever.
///
/// libFuzzer runs each under AddressSanitizer (`make fuzz`), `make test` with seeds and a fixed number of mutations.
struct FuzzTarget: Sendable {
    /// Names the program, the corpus and the dictionary.
    let name: String
    /// Throws a ``FuzzFinding`` where the promise is broken; a trap or a read out of bounds breaks it as well.
    let check: @Sendable (UnsafeRawBufferPointer) throws -> Void

    init(_ name: String, _ check: @escaping @Sendable (UnsafeRawBufferPointer) throws -> Void) {
        self.name = name
        self.check = check
    }

    /// Every target, in the order of the floors.
    static let all: [FuzzTarget] = [
        .json, .httpRequest, .httpResponse, .webSocket, .webSocketDeflate, .engineIO, .agentMessage, .nativeMessage,
        .socketIO, .taskSpecification, .jwt, .jwk, .settings,
    ]

    /// One call of libFuzzer's. A finding ends the process, so that libFuzzer keeps the input.
    func run(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        do {
            try check(UnsafeRawBufferPointer(start: start, count: count))
            return 0
        } catch {
            fatalError("\(name): \(error)")
        }
    }
}

/// Throws a finding unless `condition` holds.
func require(_ condition: Bool, _ promise: @autoclosure () -> String) throws(FuzzFinding) {
    guard condition else { throw FuzzFinding(promise()) }
}

public import Bytes

/// A packet still in place: it points into the bytes that it was read from and lives as long as they do.
///
/// All of it has been checked: the payload is valid JSON of the form that packets of its type have, the namespace is
/// free of control characters, placeholders name attachments that are there.
public struct SocketIOPacket {
    /// What it is.
    public var type: SocketIOPacketType
    /// The name of the namespace, `/` for the main one.
    public var namespace: UnsafeRawBufferPointer
    /// The id under which an acknowledgement is asked for, or given.
    public var id: UInt64?
    /// The attachments that were announced; 0 but for binary packets.
    public var attachmentCount: Int
    /// The attachments, once a ``SocketIOReceiver`` has them all, in the order of their numbers.
    public internal(set) var attachments: [UnsafeRawBufferPointer] = []
    /// The JSON text; empty where there is none. An event's begins with its name.
    public var payload: UnsafeRawBufferPointer
    /// An event's name; `nil` for other packets, and where a number stands for it.
    public var event: JSONText?
    /// The JSON texts of an event's or acknowledgement's arguments with the commas between them, as they came: what
    /// stands between the brackets, behind the name.
    public var arguments: UnsafeRawBufferPointer

    /// The main namespace's name.
    public static let mainNamespace = "/"
    private static let mainName: StaticString = "/"

    /// Reads the text of a packet, which is an Engine.IO message without its type.
    public init(
        _ text: UnsafeRawBufferPointer, limits: SocketIOLimits = SocketIOLimits()
    ) throws(SocketIOError) {
        guard let first = text.first else { throw .emptyPacket }
        guard let type = SocketIOPacketType(rawValue: first) else { throw .unknownType }
        var scanner = SocketIOScanner(text, from: 1)
        self.type = type
        attachmentCount = type.isBinary ? try scanner.attachmentCount(limits) : 0
        namespace =
            try scanner.namespace(limits)
            ?? UnsafeRawBufferPointer(start: Self.mainName.utf8Start, count: Self.mainName.utf8CodeUnitCount)
        id = try scanner.id(limits)
        payload = scanner.rest
        arguments = UnsafeRawBufferPointer(start: nil, count: 0)
        switch type {
        case .connect, .disconnect, .connectError:
            guard id == nil else { throw .invalidID }
        case .ack, .binaryAck:
            guard id != nil else { throw .invalidID }
        case .event, .binaryEvent: break
        }
        try readPayload(limits)
    }

    /// Whether the packet is of the namespace of that name.
    public func isOf(_ name: String) -> Bool { namespace.elementsEqual(name.utf8) }

    /// The namespace's name as a string. Allocates where it is longer than 15 bytes.
    public var namespaceName: String { String(decoding: namespace, as: UTF8.self) }

    /// The JSON texts of the arguments, one by one.
    public func forEachArgument(_ body: (UnsafeRawBufferPointer) -> Void) {
        guard !payload.isEmpty, type != .connect, type != .connectError else { return }
        var reader = JSONReader(payload, maximumDepth: JSONReader.deepest)
        var isName = type == .event || type == .binaryEvent
        do throws(JSONError) {
            try reader.beginArray()
            while try reader.nextElement() {
                let value = try reader.readRaw()
                if !isName { body(value) }
                isName = false
            }
        } catch {
            preconditionFailure("a payload that was checked is not what it was")
        }
    }

    // MARK: The payload

    private mutating func readPayload(_ limits: SocketIOLimits) throws(SocketIOError) {
        guard !payload.isEmpty else {
            guard type == .connect || type == .disconnect else { throw .missingPayload }
            return
        }
        guard type != .disconnect else { throw .unexpectedPayload }
        var reader = JSONReader(payload, maximumDepth: limits.depth)
        do {
            switch (type, try reader.peek()) {
            case (.connect, .object), (.connectError, .object), (.connectError, .string):
                try reader.skipValue()
            case (.event, .array), (.ack, .array), (.binaryEvent, .array), (.binaryAck, .array):
                try readArguments(&reader)
            default:
                // First what is wrong in itself, then what is wrong here.
                try reader.skipValue()
                try reader.finish()
                throw SocketIOError.wrongPayload
            }
            try reader.finish()
        } catch let error as SocketIOError {
            throw error
        } catch let error as JSONError {
            throw error.kind == .tooDeep ? .payloadTooDeep : .malformedPayload
        } catch {
            preconditionFailure("only two kinds of error are thrown here")
        }
    }

    private mutating func readArguments(_ reader: inout JSONReader) throws {
        try reader.beginArray()
        var start = reader.offset
        var count = 0
        let hasName = type == .event || type == .binaryEvent
        while try reader.nextElement() {
            // Where nothing comes before it, an argument's text begins behind its comma.
            if count == (hasName ? 1 : 0) { start = reader.offset }
            if count == 0, hasName {
                try readName(&reader)
            } else if type.isBinary {
                try SocketIOPlaceholder.check(&reader, attachments: attachmentCount)
            } else {
                try reader.skipValue()
            }
            count += 1
        }
        guard count > 0 || !hasName else { throw SocketIOError.wrongPayload }
        // The closing bracket is the byte before; without arguments there is nothing between it and the name.
        let end = reader.offset - 1
        guard count > (hasName ? 1 : 0) else { return }
        arguments = UnsafeRawBufferPointer(rebasing: payload[start..<end])
    }

    private mutating func readName(_ reader: inout JSONReader) throws {
        switch try reader.peek() {
        case .number: try reader.skipValue()
        case .string:
            let name = try reader.readText()
            guard !SocketIOReservedEvent.names.contains(where: { name == $0 }) else {
                throw SocketIOError.reservedEvent
            }
            event = name
        case .object, .array, .bool, .null:
            try reader.skipValue()
            throw SocketIOError.wrongPayload
        }
    }
}

public import Bytes

/// What a packet means to a session: what its user has to do, or that there is nothing to do.
public enum SocketIOStep {
    /// The client wants into the namespace of that index, with what it says of itself: a JSON object, or nothing.
    /// Answer with ``SocketIOSession/accept(_:sid:into:)`` or ``SocketIOSession/refuse(_:message:data:into:)``, now or
    /// later; the packet may be gone by then.
    case connect(namespace: Int, auth: UnsafeRawBufferPointer)
    /// The client wanted into a namespace that is not served; the answer has been written.
    case refused
    /// An event. With an ``SocketIOPacket/id`` the client waits for an acknowledgement.
    case event(namespace: Int, SocketIOPacket)
    /// An acknowledgement of an event that was sent with that id, or of none.
    case ack(namespace: Int, SocketIOPacket)
    /// The client has left the namespace. It gets no answer.
    case disconnect(namespace: Int)
    /// Close the session.
    case close(SocketIOViolation)
}

/// A packet that is in order, but not now.
public enum SocketIOViolation: Error, Hashable, Sendable, CaseIterable {
    /// A packet for a namespace that the client is not in, or not yet.
    case notConnected
    /// The client is in that namespace, or waits to be.
    case alreadyConnected
    /// Only servers refuse.
    case notAServer
}

/// Which namespaces a client is in (Socket.IO protocol version 5, the server's half).
///
/// It holds a few words and nothing on the heap of its own; the list of namespaces is shared by all sessions. Errors
/// and violations close the whole Engine.IO session. So does a client that is in no namespace for too long: the
/// ``deadline`` is the user's to watch.
public struct SocketIOSession {
    /// The names of the namespaces that are served; an index in here is what the session's calls speak of.
    public let namespaces: [String]
    // A bit for each namespace.
    private var pending: UInt32 = 0
    private var connected: UInt32 = 0

    /// What a client is told that wants into a namespace which is not served.
    public static let unknownNamespaceMessage = "Invalid namespace"
    /// The most namespaces that a server may have.
    public static let maximumNamespaces = UInt32.bitWidth

    /// A session at its start.
    ///
    /// - Parameter namespaces: their names, each with its slash; at most ``maximumNamespaces``.
    public init(namespaces: [String]) {
        precondition(namespaces.count <= Self.maximumNamespaces, "there is a bit for each namespace")
        self.namespaces = namespaces
    }

    /// Whether the client is in that namespace.
    public func isConnected(_ namespace: Int) -> Bool { connected & bit(namespace) != 0 }

    /// Whether the client is in no namespace. One that stays so for longer than `connect` may take is to be closed,
    /// from the session's opening or from the moment when it left the last one.
    public var isOutside: Bool { connected == 0 }

    /// Takes a packet; where an answer is due at once it is appended to `buffer`, the text of one message.
    public mutating func receive(_ packet: SocketIOPacket, into buffer: inout ByteBuffer) -> SocketIOStep {
        let namespace = namespaces.firstIndex { packet.isOf($0) }
        switch packet.type {
        case .connect:
            guard let namespace else {
                let name = packet.namespaceName
                SocketIOEncoder.connectError(name, message: Self.unknownNamespaceMessage, into: &buffer)
                return .refused
            }
            guard (connected | pending) & bit(namespace) == 0 else { return .close(.alreadyConnected) }
            pending |= bit(namespace)
            return .connect(namespace: namespace, auth: packet.payload)
        case .disconnect, .event, .binaryEvent, .ack, .binaryAck:
            guard let namespace, isConnected(namespace) else { return .close(.notConnected) }
            return take(packet, in: namespace)
        case .connectError:
            return .close(.notAServer)
        }
    }

    private mutating func take(_ packet: SocketIOPacket, in namespace: Int) -> SocketIOStep {
        switch packet.type {
        case .ack, .binaryAck: return .ack(namespace: namespace, packet)
        case .disconnect:
            connected &= ~bit(namespace)
            return .disconnect(namespace: namespace)
        case .event, .binaryEvent, .connect, .connectError:
            return .event(namespace: namespace, packet)
        }
    }

    /// Lets a client in that asked; the answer is appended to `buffer`, and events may follow.
    ///
    /// - Parameter sid: the client's id there, not the Engine.IO session's: it is no secret.
    public mutating func accept(_ namespace: Int, sid: String, into buffer: inout ByteBuffer) {
        settle(namespace)
        connected |= bit(namespace)
        SocketIOEncoder.connect(namespaces[namespace], sid: sid, into: &buffer)
    }

    /// Does not let a client in that asked; the answer is appended to `buffer`. It may ask again.
    public mutating func refuse(
        _ namespace: Int, message: String, data: String = "", into buffer: inout ByteBuffer
    ) {
        settle(namespace)
        SocketIOEncoder.connectError(namespaces[namespace], message: message, data: data, into: &buffer)
    }

    /// Puts a client out of a namespace that it is in; the news is appended to `buffer`.
    public mutating func disconnect(_ namespace: Int, into buffer: inout ByteBuffer) {
        precondition(isConnected(namespace), "nobody is put out who is not in")
        connected &= ~bit(namespace)
        SocketIOEncoder.disconnect(namespaces[namespace], into: &buffer)
    }

    private mutating func settle(_ namespace: Int) {
        precondition(pending & bit(namespace) != 0, "nobody is answered who has not asked")
        pending &= ~bit(namespace)
    }

    private func bit(_ namespace: Int) -> UInt32 {
        precondition(namespaces.indices.contains(namespace), "there is no such namespace")
        return 1 << UInt32(namespace)
    }
}

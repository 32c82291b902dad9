public import Bytes
public import Grid
internal import Reactor
public import Web
public import Wire

/// Socket.IO over one Engine.IO session: packets put together, namespaces entered and left.
///
/// A packet that breaks the protocol closes the session, as does a client that is in no namespace for too long.
open class SocketLink: EngineLink {
    private final var receiver = SocketIOReceiver()
    private final var sockets: SocketIOSession
    private final let patienceNanoseconds: UInt64
    /// Since when the client has been in no namespace; `.max` while it is in one.
    private final var outsideSince: UInt64
    private final var answer = ByteBuffer()

    /// - Parameters:
    ///   - namespaces: those that are served.
    ///   - connectMilliseconds: how long a client may be in none.
    public init(
        over transport: EngineIOTransport, sid: String, on connection: ServerConnection, of links: EngineLinks,
        namespaces: [String], connectMilliseconds: Int = Limits.socketIOConnectMilliseconds
    ) {
        sockets = SocketIOSession(namespaces: namespaces)
        patienceNanoseconds = UInt64(connectMilliseconds) * 1_000_000
        outsideSince = links.loop.now
        super.init(over: transport, sid: sid, on: connection, of: links)
    }

    // MARK: What a subclass decides

    /// A packet came, whatever it is. - Returns: whether it is taken; one that is not is dropped.
    open func admits(_ packet: SocketIOPacket) -> Bool { true }

    /// The client wants into a namespace: answer with ``accept(_:sid:)`` or ``refuse(_:message:data:)``.
    ///
    /// - Parameter auth: what it says of itself, a JSON object or nothing; it lives only during the call.
    open func wantsIn(_ namespace: Int, auth: UnsafeRawBufferPointer) {}

    /// An event; the packet lives only during the call.
    open func event(_ packet: SocketIOPacket, in namespace: Int) {}

    /// The client has left the namespace.
    open func left(_ namespace: Int) {}

    // MARK: Namespaces

    /// The names of those that are served.
    public final var namespaces: [String] { sockets.namespaces }

    /// Whether the client is in that namespace.
    public final func isIn(_ namespace: Int) -> Bool { sockets.isConnected(namespace) }

    /// Lets the client in that asked.
    ///
    /// - Parameter sid: its name there, which is no secret.
    public final func accept(_ namespace: Int, sid: String) {
        say { sockets.accept(namespace, sid: sid, into: &$0) }
        watch()
    }

    /// Does not let the client in that asked.
    ///
    /// - Parameter data: a JSON value for programs; empty where there is none.
    public final func refuse(_ namespace: Int, message: String, data: String = "") {
        say { sockets.refuse(namespace, message: message, data: data, into: &$0) }
    }

    /// Puts the client out of a namespace; ``left(_:)`` is not called.
    public final func disconnect(_ namespace: Int) {
        guard sockets.isConnected(namespace) else { return }
        say { sockets.disconnect(namespace, into: &$0) }
        watch()
    }

    private func say(_ write: (inout ByteBuffer) -> Void) {
        var text = ByteBuffer(capacity: 128)
        write(&text)
        text.withBytes { send($0, UnsafeRawBufferPointer(start: nil, count: 0)) }
    }

    // MARK: Events

    /// Sends an event whose arguments `write` appends, each one JSON value.
    ///
    /// - Parameter attachments: what the placeholders among them stand for.
    public final func emit(
        _ name: StaticString, in namespace: Int, attachments: [UnsafeRawBufferPointer] = [],
        _ write: (inout JSONWriter) -> Void
    ) {
        say {
            SocketIOEncoder.event(
                name, in: sockets.namespaces[namespace], attachments: attachments.count, into: &$0, write)
        }
        for attachment in attachments { send(binary: attachment) }
    }

    /// Acknowledges the event that came with that id.
    public final func acknowledge(
        _ id: UInt64, in namespace: Int, attachments: [UnsafeRawBufferPointer] = [],
        _ write: (inout JSONWriter) -> Void
    ) {
        say {
            SocketIOEncoder.ack(
                id, in: sockets.namespaces[namespace], attachments: attachments.count, into: &$0, write)
        }
        for attachment in attachments { send(binary: attachment) }
    }

    /// Sends an event that others share.
    ///
    /// - Parameters:
    ///   - prefix: ``prefix(of:)`` of the namespace.
    ///   - event: the JSON array of its name and arguments.
    public final func relay(_ prefix: ByteBuffer, _ event: UnsafeRawBufferPointer) {
        prefix.withBytes { send($0, event) }
    }

    /// What stands before an event's array in a namespace.
    public final func prefix(of namespace: Int) -> ByteBuffer {
        var text = ByteBuffer(capacity: 16)
        text.append(SocketIOPacketType.event.rawValue)
        guard sockets.namespaces[namespace] != SocketIOPacket.mainNamespace else { return text }
        text.append(sockets.namespaces[namespace])
        text.append(UInt8(ascii: ","))
        return text
    }

    // MARK: From the client

    public final override func message(_ message: EngineIOMessage) {
        do throws(SocketIOError) {
            let packet =
                switch message {
                case .text(let text): try receiver.receive(text: text)
                case .binary(let bytes): try receiver.receive(binary: bytes)
                }
            if let packet, admits(packet) { take(packet) }
        } catch {
            closeSession()
        }
    }

    private func take(_ packet: SocketIOPacket) {
        var text = ByteBuffer()
        let step = sockets.receive(packet, into: &text)
        if !text.isEmpty { text.withBytes { send($0, UnsafeRawBufferPointer(start: nil, count: 0)) } }
        switch step {
        case .connect(let namespace, let auth): wantsIn(namespace, auth: auth)
        case .refused, .ack: break
        case .event(let namespace, let packet): event(packet, in: namespace)
        case .disconnect(let namespace):
            left(namespace)
            watch()
        case .close: closeSession()
        }
    }

    // MARK: Deadlines

    private func watch() {
        if !sockets.isOutside {
            outsideSince = .max
        } else if outsideSince == .max {
            outsideSince = loop.now
        }
        rearm()
    }

    open override var ownDeadline: UInt64 { outsideSince == .max ? .max : outsideSince + patienceNanoseconds }

    open override func ownDeadlineReached() {
        // A session that is closing already waits for its client no longer than it would anyway.
        outsideSince = .max
        closeSession()
    }
}

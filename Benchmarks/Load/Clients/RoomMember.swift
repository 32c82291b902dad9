internal import Bytes
internal import Reactor

/// A connection to the coordinator's native dialect that authenticates and joins a room before it is ready.
class RoomMember: Peer {
    private enum Stage { case connecting, authenticating, joining, joined }

    private let token: String
    private let room: String
    private var stage = Stage.connecting

    init(fileDescriptor: Int32, crowd: Crowd, token: String, room: String = "nodes") {
        self.token = token
        self.room = room
        super.init(fileDescriptor: fileDescriptor, crowd: crowd)
    }

    /// A message behind the acknowledgement of the join.
    func event(_ bytes: UnsafeRawBufferPointer) {}

    override final func opened() {
        stage = .authenticating
        var text = ByteBuffer(capacity: 512)
        text.append(#"{"type":"authenticate","data":{"token":""#)
        text.append(token)
        text.append(#""}}"#)
        sendText(text)
    }

    override final func message(_ bytes: UnsafeRawBufferPointer) {
        if stage == .joined { return event(bytes) }
        let text = String(decoding: bytes, as: UTF8.self)
        switch stage {
        case .authenticating where text.hasPrefix(#"{"type":"auth_response""#): break
        case .authenticating where text.hasPrefix(#"{"type":"connected""#):
            stage = .joining
            var join = ByteBuffer(capacity: 128)
            join.append(#"{"type":"join_room","data":{"room":""#)
            join.append(room)
            join.append(#""}}"#)
            sendText(join)
        case .joining where text.hasPrefix(#"{"type":"room_joined""#):
            stage = .joined
            ready()
        default: fail("unexpected: \(text.prefix(200))")
        }
    }
}

internal import Grid
internal import Reactor
internal import Web

extension ConnectionEnding: Countable {
    var index: Int {
        switch self {
        case .peer: 0
        case .lost: 1
        case .normal: 2
        case .drain: 3
        case .protocolError: 4
        case .invalidData: 5
        case .policy: 6
        case .tooLarge: 7
        case .unavailable: 8
        case .slow: 9
        case .noHeartbeat: 10
        case .fenced: 11
        case .refused: 12
        case .overflow: 13
        case .other: 14
        case .noPing: 15
        }
    }

    /// - Parameters:
    ///   - code: of the close frame that we sent; 0 if we sent none.
    ///   - isOurs: whether we sent it before the peer sent one.
    ///   - cause: how the channel ended.
    init(code: UInt16, isOurs: Bool, cause: CloseCause) {
        switch code {
        case 0: self = cause == .queueOverflow ? .overflow : cause == .local ? .other : .lost
        case _ where !isOurs: self = .peer
        case CloseReason.normal.code: self = .normal
        case CloseReason.drain.code: self = .drain
        case CloseReason.protocolError.code: self = .protocolError
        case CloseReason.unsupportedData.code, CloseReason.invalidUTF8.code: self = .invalidData
        case CloseReason.policy.code: self = .policy
        case CloseReason.tooLarge.code: self = .tooLarge
        case CloseReason.restart.code, CloseReason.tryLater.code: self = .unavailable
        case CloseReason.slow.code: self = .slow
        case CloseReason.noPing.code: self = .noPing
        case CloseReason.noHeartbeat.code: self = .noHeartbeat
        case CloseReason.fenced.code: self = .fenced
        case CloseReason.refused.code: self = .refused
        default: self = .other
        }
    }

    /// - Parameters:
    ///   - ending: of the Engine.IO session.
    ///   - drains: whether the coordinator stops, which is one of the reasons why the server closes a session.
    init(_ ending: EngineIOEnding?, drains: Bool) {
        switch ending {
        case nil, .transportClosed: self = .lost
        case .clientClosed: self = .peer
        case .serverClosed: self = drains ? .drain : .policy
        case .pingTimeout: self = .noHeartbeat
        case .invalidPacket, .overlap: self = .protocolError
        case .slow: self = .slow
        }
    }
}

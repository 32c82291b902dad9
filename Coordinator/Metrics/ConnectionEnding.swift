internal import Grid
internal import Reactor

/// Why a WebSocket connection ended, as metrics and the log tell it.
enum ConnectionEnding: String, Countable {
    /// The peer said goodbye.
    case peer
    /// The peer went without a goodbye.
    case lost
    case normal
    case drain
    case protocolError = "protocol_error"
    case invalidData = "invalid_data"
    case policy
    case tooLarge = "too_large"
    case unavailable
    case slow
    case noHeartbeat = "no_heartbeat"
    case fenced
    case refused
    case overflow = "queue_overflow"
    case other
    case noPing = "no_ping"

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
}

import Bytes
import Grid

/// Writes the `data` of events about users' money for the native dialect.
enum NativeMoneyEvents {
    /// `balance_update`.
    static func write(_ event: BalanceUpdated, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("user_id", event.user.text)
        writer.key("balances")
        writer.beginObject()
        for balance in event.balances {
            writer.key(balance.currency.code)
            writer.beginObject()
            writer.field("total", micros: balance.totalMicros)
            writer.field("available", micros: balance.availableMicros)
            writer.field("locked", micros: balance.lockedMicros)
            writer.endObject()
        }
        writer.endObject()
        writer.field("updated_at", event.updatedAt)
        writer.endObject()
    }

    /// `payment_confirmed`.
    static func write(_ event: PaymentConfirmed, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("transaction_id", event.transaction)
        writer.field("user_id", event.user.text)
        writer.field("amount", micros: event.amountMicros)
        writer.field("currency", event.currency.code)
        writer.field("type", event.kind.rawValue)
        writer.field("related_task", event.task)
        writer.field("confirmed_at", event.confirmedAt)
        writer.endObject()
    }
}

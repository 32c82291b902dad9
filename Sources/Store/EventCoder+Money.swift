import Bytes
import Grid

/// What happens to users' money, as the Store keeps it.
extension EventCoder {
    static func write(_ event: BalanceUpdated, to writer: inout JSONWriter) {
        writer.field("user", event.user.text)
        writer.array("balances", event.balances) { writer, balance in
            writer.beginObject()
            writer.field("currency", balance.currency.code)
            writer.field("available_micros", balance.availableMicros)
            writer.field("locked_micros", balance.lockedMicros)
            writer.endObject()
        }
        writer.field("updated_at", event.updatedAt.milliseconds)
    }

    static func balanceUpdated(_ reader: inout JSONReader) throws(JSONError) -> BalanceUpdated {
        var (user, balances, updatedAt): (String?, [Balance]?, Int64?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "user": user = try reader.readString()
            case "balances": balances = try reader.readArray(balance)
            case "updated_at": updatedAt = try reader.readInt64()
            default: try reader.skipValue()
            }
        }
        return BalanceUpdated(
            user: UserID(try reader.required(user)), balances: try reader.required(balances),
            updatedAt: Timestamp(milliseconds: try reader.required(updatedAt)))
    }

    private static func balance(_ reader: inout JSONReader) throws(JSONError) -> Balance {
        var (currency, available, locked): (Currency?, Int64?, Int64?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "currency": currency = try reader.readNamed { Currency($0) }
            case "available_micros": available = try reader.readInt64()
            case "locked_micros": locked = try reader.readInt64()
            default: try reader.skipValue()
            }
        }
        return Balance(
            currency: try reader.required(currency), availableMicros: try reader.required(available),
            lockedMicros: try reader.required(locked))
    }

    static func write(_ event: PaymentConfirmed, to writer: inout JSONWriter) {
        writer.field("transaction", event.transaction.description)
        writer.field("user", event.user.text)
        writer.field("amount_micros", event.amountMicros)
        writer.field("currency", event.currency.code)
        writer.field("what", event.kind.rawValue)
        writer.present("task", event.task?.description)
        writer.field("confirmed_at", event.confirmedAt.milliseconds)
    }

    static func paymentConfirmed(_ reader: inout JSONReader) throws(JSONError) -> PaymentConfirmed {
        var (transaction, user, amount, currency): (UUID128?, String?, Int64?, Currency?)
        var (what, task, confirmedAt): (PaymentConfirmed.Kind?, TaskID?, Int64?)
        try reader.beginObject()
        while let key = try reader.nextKey() {
            switch key {
            case "transaction": transaction = try reader.readNamed { UUID128($0) }
            case "user": user = try reader.readString()
            case "amount_micros": amount = try reader.readInt64()
            case "currency": currency = try reader.readNamed { Currency($0) }
            case "what": what = try reader.readNamed { PaymentConfirmed.Kind(rawValue: $0) }
            case "task": task = try reader.readNamed { TaskID($0) }
            case "confirmed_at": confirmedAt = try reader.readInt64()
            default: try reader.skipValue()
            }
        }
        return PaymentConfirmed(
            transaction: try reader.required(transaction), user: UserID(try reader.required(user)),
            amountMicros: try reader.required(amount), currency: try reader.required(currency),
            kind: try reader.required(what), task: task,
            confirmedAt: Timestamp(milliseconds: try reader.required(confirmedAt)))
    }
}

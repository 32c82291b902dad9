internal import Bytes
internal import Grid

/// What an operator asks of the coordinator on its own machine.
enum OperatorRequest {
    case enroll(Enrolment)
    case token(TokenOrder)
    case revoke(Revocation.Subject)
    case deposit(Deposit)
    case createKey(KeyOrder)
    /// Those of one user, or all.
    case listKeys(user: String?)
    case revokeKey(APIKeyReference)

    /// What is added to a user's balance.
    struct Deposit {
        var user: String
        var currency: Currency
        var amountMicros: Int64
        var key: String?
    }

    /// An API key for a user.
    struct KeyOrder {
        var user: String
        var name: String
        var ratePerMinute: Int64
        /// `nil`: it has no term.
        var timeToLiveSeconds: Int64?
    }

    /// A new node: who owns it, and for how long its join token is good.
    struct Enrolment {
        var owner: String
        var name: String
        var location = NodeLocation()
        var pricePerHourMicros: Int64?
        var timeToLiveSeconds: Int64
    }

    /// A token for a user.
    struct TokenOrder {
        var user: String
        var permissions: Permissions
        var timeToLiveSeconds: Int64
        var region: String?
    }

    /// The request's path on the control socket.
    var path: String {
        switch self {
        case .enroll: "/control/enroll"
        case .token: "/control/token"
        case .revoke: "/control/revoke"
        case .deposit: "/control/deposit"
        case .createKey: "/control/api-keys/create"
        case .listKeys: "/control/api-keys/list"
        case .revokeKey: "/control/api-keys/revoke"
        }
    }

    // MARK: On the wire

    /// The body of the request.
    var body: ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        switch self {
        case .enroll(let enrolment):
            writer.field("owner", enrolment.owner)
            writer.field("name", enrolment.name)
            writer.field("region", enrolment.location.region)
            writer.field("city", enrolment.location.city)
            writer.field("country", enrolment.location.country)
            writer.field("price_per_hour_micros", enrolment.pricePerHourMicros)
            writer.field("ttl_seconds", enrolment.timeToLiveSeconds)
        case .token(let order):
            writer.field("user", order.user)
            writer.field("permissions", Int64(order.permissions.rawValue))
            writer.field("ttl_seconds", order.timeToLiveSeconds)
            writer.field("region", order.region)
        case .revoke(.user(let user)):
            writer.field("user", user.text)
        case .revoke(.token(let id)):
            writer.field("token_id", id)
        case .deposit(let deposit):
            writer.field("user", deposit.user)
            writer.field("currency", deposit.currency.code)
            writer.field("amount_micros", deposit.amountMicros)
            if let key = deposit.key { writer.field("key", key) }
        case .createKey(let order):
            writer.field("user", order.user)
            writer.field("name", order.name)
            writer.field("rate_per_minute", order.ratePerMinute)
            if let seconds = order.timeToLiveSeconds { writer.field("ttl_seconds", seconds) }
        case .listKeys(let user):
            if let user { writer.field("user", user) }
        case .revokeKey(.id(let id)):
            writer.field("id", id.description)
        case .revokeKey(.digest(let digest)):
            writer.field("digest", Hexadecimal.encode(digest.bytes))
        }
        writer.endObject()
        return writer.buffer
    }

    /// Reads a request; `nil` for a path or a body that is none.
    init?(path: String, body: UnsafeRawBufferPointer) {
        var fields = Fields()
        do {
            try fields.read(body)
        } catch {
            return nil
        }
        switch path {
        case "/control/enroll":
            guard let owner = fields.texts["owner"], let name = fields.texts["name"],
                let seconds = fields.numbers["ttl_seconds"]
            else { return nil }
            self = .enroll(
                Enrolment(
                    owner: owner, name: name,
                    location: NodeLocation(
                        region: fields.texts["region"] ?? "", city: fields.texts["city"] ?? "",
                        country: fields.texts["country"] ?? ""),
                    pricePerHourMicros: fields.numbers["price_per_hour_micros"], timeToLiveSeconds: seconds))
        case "/control/token":
            guard let user = fields.texts["user"], let bits = fields.numbers["permissions"],
                let raw = UInt8(exactly: bits), let seconds = fields.numbers["ttl_seconds"]
            else { return nil }
            self = .token(
                TokenOrder(
                    user: user, permissions: Permissions(rawValue: raw), timeToLiveSeconds: seconds,
                    region: fields.texts["region"]))
        case "/control/revoke":
            switch (fields.texts["user"], fields.texts["token_id"]) {
            case (let user?, nil): self = .revoke(.user(UserID(user)))
            case (nil, let id?): self = .revoke(.token(id))
            default: return nil
            }
        case "/control/deposit":
            guard let user = fields.texts["user"], let code = fields.texts["currency"],
                let currency = Currency(code), let amount = fields.numbers["amount_micros"]
            else { return nil }
            self = .deposit(
                Deposit(user: user, currency: currency, amountMicros: amount, key: fields.texts["key"]))
        default:
            guard let request = Self.aboutKeys(path, fields) else { return nil }
            self = request
        }
    }

    private static func aboutKeys(_ path: String, _ fields: Fields) -> OperatorRequest? {
        switch path {
        case "/control/api-keys/create":
            guard let user = fields.texts["user"], let rate = fields.numbers["rate_per_minute"] else { return nil }
            return .createKey(
                KeyOrder(
                    user: user, name: fields.texts["name"] ?? "", ratePerMinute: rate,
                    timeToLiveSeconds: fields.numbers["ttl_seconds"]))
        case "/control/api-keys/list":
            return .listKeys(user: fields.texts["user"])
        case "/control/api-keys/revoke":
            switch (fields.texts["id"], fields.texts["digest"].flatMap(Hexadecimal.decode)) {
            case (let id?, nil): return APIKeyID(id).map { .revokeKey(.id($0)) }
            case (nil, let digest?): return digest.count == 32 ? .revokeKey(.digest(Digest256(bytes: digest))) : nil
            default: return nil
            }
        default:
            return nil
        }
    }

    /// The members of one flat object.
    private struct Fields {
        var texts: [String: String] = [:]
        var numbers: [String: Int64] = [:]

        mutating func read(_ body: UnsafeRawBufferPointer) throws(JSONError) {
            var reader = JSONReader(body)
            try reader.beginObject()
            while let key = try reader.nextKey() {
                switch try reader.peek() {
                case .string: texts[key.string] = try reader.readString()
                case .number: numbers[key.string] = try reader.readInt64()
                default: try reader.skipValue()
                }
            }
            try reader.finish()
        }
    }

    // MARK: Bounds

    /// What is wrong with the request, or `nil`.
    var fault: String? {
        switch self {
        case .enroll(let enrolment):
            if let fault = Self.fault(of: enrolment.owner, limit: Limits.userIDBytes, named: "owner") { return fault }
            if let fault = Self.fault(of: enrolment.name, limit: Limits.nodeNameBytes, named: "name") { return fault }
            for text in [enrolment.location.region, enrolment.location.city, enrolment.location.country]
            where text.utf8.count > Limits.regionBytes {
                return "a part of the location is longer than \(Limits.regionBytes) bytes"
            }
            if let price = enrolment.pricePerHourMicros, price < 0 { return "a price is not negative" }
            return (1...7 * 86_400).contains(enrolment.timeToLiveSeconds)
                ? nil : "a join token lives between 1 second and 7 days"
        case .token(let order):
            if let fault = Self.fault(of: order.user, limit: Limits.userIDBytes, named: "user") { return fault }
            return (1...366 * 86_400).contains(order.timeToLiveSeconds)
                ? nil : "a token lives between 1 second and 366 days"
        case .revoke(.user(let user)):
            return Self.fault(of: user.text, limit: Limits.userIDBytes, named: "user")
        case .revoke(.token(let id)):
            return Self.fault(of: id, limit: Limits.tokenIDBytes, named: "id")
        case .deposit(let deposit):
            if let fault = Self.fault(of: deposit.user, limit: Limits.userIDBytes, named: "user") { return fault }
            if let key = deposit.key,
                let fault = Self.fault(of: key, limit: Limits.idempotencyKeyBytes, named: "key")
            {
                return fault
            }
            return (1...Limits.depositMicros).contains(deposit.amountMicros)
                ? nil : "an amount is positive, and at most \(DecimalAmount.text(Limits.depositMicros))"
        case .createKey(let order):
            if let fault = Self.fault(of: order.user, limit: Limits.userIDBytes, named: "user") { return fault }
            if order.name.utf8.count > Limits.apiKeyNameBytes {
                return "name is longer than \(Limits.apiKeyNameBytes) bytes"
            }
            if !(0...Int64(Limits.apiKeyRateMost)).contains(order.ratePerMinute) {
                return "a rate is 0 to \(Limits.apiKeyRateMost) a minute"
            }
            return (1...Limits.apiKeyTermSeconds).contains(order.timeToLiveSeconds ?? 1)
                ? nil : "an API key's term is 1 second to 366 days"
        case .listKeys(let user):
            return user.flatMap { Self.fault(of: $0, limit: Limits.userIDBytes, named: "user") }
        case .revokeKey:
            return nil
        }
    }

    private static func fault(of text: String, limit: Int, named name: String) -> String? {
        if text.isEmpty { return "\(name) is empty" }
        return text.utf8.count > limit ? "\(name) is longer than \(limit) bytes" : nil
    }
}

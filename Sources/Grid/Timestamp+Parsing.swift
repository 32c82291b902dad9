extension Timestamp {
    /// Parses `2024-01-15T10:30:00Z` or `2024-01-15T10:30:00.000Z`; `nil` for anything else, other time zones and
    /// dates that no calendar has included. Days from civil after Howard Hinnant's `days_from_civil`.
    public init?(iso8601 text: some StringProtocol) {
        let bytes = Array(text.utf8.prefix(Self.textLength + 1))
        guard bytes.count == Self.textLength || bytes.count == Self.textLength - 4, bytes.last == UInt8(ascii: "Z")
        else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            var value = 0
            for byte in bytes[range] {
                guard (0x30...0x39).contains(byte) else { return nil }
                value = value * 10 + Int(byte - 0x30)
            }
            return value
        }
        let separators: [(Int, Unicode.Scalar)] = [(4, "-"), (7, "-"), (10, "T"), (13, ":"), (16, ":")]
        for (place, separator) in separators where bytes[place] != UInt8(ascii: separator) { return nil }
        guard let year = number(0..<4), let month = number(5..<7), let day = number(8..<10),
            let hour = number(11..<13), let minute = number(14..<16), let second = number(17..<19)
        else { return nil }
        var millisecond = 0
        if bytes.count == Self.textLength {
            guard bytes[19] == UInt8(ascii: "."), let fraction = number(20..<23) else { return nil }
            millisecond = fraction
        }
        guard (1...12).contains(month), (1...31).contains(day), hour < 24, minute < 60, second < 60 else { return nil }
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = (shiftedYear >= 0 ? shiftedYear : shiftedYear - 399) / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        self.init(
            milliseconds: Int64(days) * 86_400_000 + Int64(((hour * 60 + minute) * 60 + second) * 1000 + millisecond))
        // The 31st of a shorter month would come out as a day of the next one.
        guard civil.day == day, civil.month == month else { return nil }
    }
}

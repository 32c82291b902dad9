/// Dates as HTTP writes them (RFC 9110 §5.6.7): `Sun, 06 Nov 1994 08:49:37 GMT`.
public enum HTTPDate {
    private static let days: StaticString = "ThuFriSatSunMonTueWed"
    private static let months: StaticString = "JanFebMarAprMayJunJulAugSepOctNovDec"

    /// The value of a Date field for that many seconds after 1970, from there to the year 9999.
    ///
    /// It changes once a second: a server that answers often keeps it.
    public static func text(secondsSince1970 seconds: Int64) -> String {
        precondition((0..<253_402_300_800).contains(seconds), "a year of four digits, from 1970 on")
        let (day, second) = Int(seconds).quotientAndRemainder(dividingBy: 86_400)
        // Days to a civil date after Howard Hinnant's `civil_from_days`: years begin in March, eras are 400 years long.
        let shifted = day + 719_468
        let (era, dayOfEra) = shifted.quotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let march = (5 * dayOfYear + 2) / 153
        let month = march < 10 ? march + 2 : march - 10
        let year = era * 400 + yearOfEra + (month < 2 ? 1 : 0)
        return String(unsafeUninitializedCapacity: 29) { target in
            var writer = Writer(target: target)
            writer.word(days, day % 7)
            writer.text(", ")
            writer.number(dayOfYear - (153 * march + 2) / 5 + 1)
            writer.text(" ")
            writer.word(months, month)
            writer.text(" ")
            writer.number(year / 100)
            writer.number(year % 100)
            writer.text(" ")
            writer.number(second / 3600)
            writer.text(":")
            writer.number(second / 60 % 60)
            writer.text(":")
            writer.number(second % 60)
            writer.text(" GMT")
            return writer.count
        }
    }

    private struct Writer {
        let target: UnsafeMutableBufferPointer<UInt8>
        var count = 0

        mutating func text(_ text: StaticString) {
            text.withUTF8Buffer { for byte in $0 { put(byte) } }
        }

        /// The word of three letters at `index` in `words`.
        mutating func word(_ words: StaticString, _ index: Int) {
            words.withUTF8Buffer { for byte in $0[(3 * index)..<(3 * index + 3)] { put(byte) } }
        }

        /// Two digits.
        mutating func number(_ value: Int) {
            put(UInt8(ascii: "0") + UInt8(value / 10))
            put(UInt8(ascii: "0") + UInt8(value % 10))
        }

        private mutating func put(_ byte: UInt8) {
            target[count] = byte
            count += 1
        }
    }
}

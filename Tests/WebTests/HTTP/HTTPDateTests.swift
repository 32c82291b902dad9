import Testing

@testable import Web

@Suite("HTTP dates")
struct HTTPDateTests {
    @Test(
        "dates are written as RFC 9110 §5.6.7 prints them",
        arguments: [
            (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"), (951_868_799, "Tue, 29 Feb 2000 23:59:59 GMT"),
            (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"), (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 GMT"),
            (1_767_225_599, "Wed, 31 Dec 2025 23:59:59 GMT"), (1_767_225_600, "Thu, 01 Jan 2026 00:00:00 GMT"),
            (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"), (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
        ] as [(Int64, String)])
    func dates(seconds: Int64, text: String) {
        #expect(HTTPDate.text(secondsSince1970: seconds) == text)
    }

    @Test("every day has the date behind that of the day before")
    func succession() {
        let months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        var (year, month, day) = (1970, 0, 1)
        for index in 0..<50_000 {
            let text = HTTPDate.text(secondsSince1970: Int64(index) * 86_400)
            let padded = day < 10 ? "0\(day)" : "\(day)"
            #expect(text.dropFirst(5).hasPrefix("\(padded) \(names[month]) \(year) "))
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            day += 1
            if day > months[month] + (isLeap && month == 1 ? 1 : 0) { (month, day) = (month + 1, 1) }
            if month == 12 { (year, month) = (year + 1, 0) }
        }
    }

    @Test("a date that HTTP cannot write traps")
    func outside() async {
        await #expect(processExitsWith: .failure) { _ = HTTPDate.text(secondsSince1970: -1) }
    }
}

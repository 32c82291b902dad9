import Bytes
import Testing

@testable import Store

@Suite struct StoredJSONTests {
    @Test func whatIsAbsentIsNotWritten() {
        let text = JSONWriter.text { writer in
            writer.present("a", String?.none)
            writer.present("b", Int64?.none)
            writer.present("c", Bool?.none)
            writer.present("d", String?.some(""))
            writer.present("e", Int?.some(-1))
            writer.present("f", Bool?.some(false))
            writer.object("g") { $0.field("h", UInt64.max) }
            writer.array("i", [1, 2]) { $0.int($1) }
        }
        #expect(text == #"{"d":"","e":-1,"f":false,"g":{"h":18446744073709551615},"i":[1,2]}"#)
    }

    @Test func integersMustFit() {
        func read<Value: FixedWidthInteger>(_ text: String, as: Value.Type) -> Value? {
            JSONReader.value(of: text) { (reader) throws(JSONError) in try reader.readInteger() }
        }
        #expect(read("255", as: UInt8.self) == 255)
        #expect(read("256", as: UInt8.self) == nil)
        #expect(read("-1", as: UInt32.self) == nil)
        #expect(read("-129", as: Int8.self) == nil)
        #expect(read("18446744073709551615", as: UInt64.self) == .max)
        #expect(read("-9223372036854775808", as: Int64.self) == .min)
        #expect(read("\"1\"", as: Int.self) == nil)
    }

    @Test func aNameThatIsUnknownIsAFaultNotAnAbsence() {
        func read(_ text: String) -> [Bool]? {
            JSONReader.value(of: text) { (reader) throws(JSONError) in
                try reader.readArray { (reader) throws(JSONError) in
                    try reader.readNamed { $0 == "yes" ? true : $0 == "no" ? false : nil }
                }
            }
        }
        #expect(read(#"["yes","no"]"#) == [true, false])
        #expect(read("[]") == [])
        #expect(read(#"["yes","perhaps"]"#) == nil)
        #expect(read(#"["yes"] "#) == [true])
        #expect(read(#"["yes"]]"#) == nil)
    }
}

import Testing

@testable import Probe

@Suite struct FieldScannerTests {
    private func scan<Value>(_ text: String, _ body: (inout FieldScanner) -> Value) -> Value {
        var text = text
        return text.withUTF8 { bytes in
            var scanner = FieldScanner(UnsafeRawBufferPointer(bytes))
            return body(&scanner)
        }
    }
}

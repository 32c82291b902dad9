import Bytes
import Grid

/// Reads why an administrator keeps a node out.
enum QuarantineDecoder {
    static func decode(_ bytes: UnsafeRawBufferPointer) throws(WireError) -> String {
        var reader = MessageReader(bytes)
        var detail = ""
        do throws(WireError) {
            try reader.beginMessage()
            while let key = try reader.nextKey() {
                guard key == "detail" else { throw TaskDecoder.unknown(key) }
                detail = try reader.plain("detail", limit: Limits.taskMessageBytes) ?? ""
            }
            try reader.finish()
        } catch {
            throw error.asBadRequest
        }
        return detail
    }
}

import Testing

@testable import Access

@Suite struct ConcatKDFTests {
    @Test func theKeyOfRFC7518AppendixCIsDerived() throws {
        let alice = p256PrivateKey(
            d: "0_NxaRPUMQoAJt50Gz8YiTr8gRTwyEaCumd-MToTmIo", x: "gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0",
            y: "SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps")
        let bob = try #require(
            EVPKey(
                p256X: bytes("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ"),
                y: bytes("e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck")))
        let secret = try #require(alice.agree(with: bob))
        #expect(
            secret == [
                158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218, 128,
                106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
            ])
        let key = ConcatKDF.derive(
            secret, algorithm: "A128GCM", producer: Array("Alice".utf8), consumer: Array("Bob".utf8), bitCount: 128)
        #expect(base64URL(key) == "VqqN6vgjbSBcIijNcacQGg")
    }

    @Test func everyInputCounts() {
        let secret = [UInt8](repeating: 7, count: 32)
        let keys = [
            ConcatKDF.derive(secret, algorithm: "A256GCM", bitCount: 256),
            ConcatKDF.derive(secret, algorithm: "A128GCM", bitCount: 256),
            ConcatKDF.derive(secret, algorithm: "A256GCM", producer: [1], bitCount: 256),
            ConcatKDF.derive(secret, algorithm: "A256GCM", consumer: [1], bitCount: 256),
            ConcatKDF.derive(Array(secret.dropLast()) + [8], algorithm: "A256GCM", bitCount: 256),
            ConcatKDF.derive(secret, algorithm: "A256GCM", bitCount: 128),
        ]
        #expect(keys.map(\.count) == [32, 32, 32, 32, 32, 16])
        #expect(Set(keys).count == keys.count && Array(keys[0].prefix(16)) != keys[5])
    }
}

import CNVML
import Grid
import Testing

@testable import Probe

@Suite struct ProcessReaderTests {
    private func reader() throws -> ProcessReader { ProcessReader(try NVMLLibrary(path: FakeNVML.library)) }

    /// Answers as a driver with that many processes would.
    private func driver(
        _ total: UInt32, stride: Int
    ) -> (UnsafeMutablePointer<UInt32>, UnsafeMutableRawPointer?) -> nvmlReturn_t {
        { count, room in
            let capacity = count.pointee
            count.pointee = total
            guard total <= capacity, let room else { return NVML_ERROR_INSUFFICIENT_SIZE }
            for index in 0..<Int(total) {
                room.storeBytes(of: UInt32(100 + index), toByteOffset: index * stride, as: UInt32.self)
                room.storeBytes(of: UInt64(index) << 30, toByteOffset: index * stride + 8, as: UInt64.self)
            }
            return NVML_SUCCESS
        }
    }

    @Test func theRoomGrowsUntilAllFit() throws {
        let reader = try reader()
        #expect(reader.read(.processesV2, driver(700, stride: 24)) == NVML_SUCCESS)
        #expect(reader.latest.count == 700)
        #expect(reader.latest.last == GPUProcess(pid: 799, memoryUsedBytes: 699 << 30))
    }

    @Test func theOldestVersionHasAShorterStruct() throws {
        let reader = try reader()
        #expect(reader.read(.processesV1, driver(3, stride: 16)) == NVML_SUCCESS)
        #expect(reader.latest.map(\.pid) == [100, 101, 102])
    }

    @Test func unknownMemoryIsAbsent() throws {
        let reader = try reader()
        _ = reader.read(.processesV2) { count, room in
            count.pointee = 1
            room?.storeBytes(of: 5, as: UInt32.self)
            room?.storeBytes(of: UInt64.max, toByteOffset: 8, as: UInt64.self)
            return NVML_SUCCESS
        }
        #expect(reader.latest == [GPUProcess(pid: 5, memoryUsedBytes: nil)])
    }

    @Test func aDriverThatNeverAgreesIsLeftAlone() throws {
        let reader = try reader()
        let result = reader.read(.processesV2) { count, _ in
            count.pointee &+= 1000
            return NVML_ERROR_INSUFFICIENT_SIZE
        }
        #expect(result == NVML_ERROR_INSUFFICIENT_SIZE)
    }
}
